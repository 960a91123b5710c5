/** Elements are made and changed here, and only so: what the server says is text, never markup. */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

/** Changes a text only where it is another: what a reader has selected, or is being read to, stays. */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

export function setAttribute(node, name, value) {
  if (node.getAttribute(name) !== value) node.setAttribute(name, value);
}

/**
 * Brings a list's children to these items, by key: one that stays is the same element, with its focus, and is moved
 * only where the order changed.
 */
export function keyed(parent, items, keyOf, make, update) {
  const there = new Map([...parent.children].map((child) => [child.dataset.key, child]));
  let next = parent.firstElementChild;
  for (const item of items) {
    const key = keyOf(item);
    let child = there.get(key);
    if (!child) {
      child = make(item);
      child.dataset.key = key;
    }
    there.delete(key);
    if (child === next) next = next.nextElementSibling;
    else parent.insertBefore(child, next);
    update(child, item);
  }
  for (const child of there.values()) child.remove();
}

/** Does something only where its input is another than the last time. */
export function whenChanged(node, input, change) {
  const text = JSON.stringify(input);
  if (node.lastInput === text) return;
  node.lastInput = text;
  change();
}
