import { element, setAttribute, setText } from './elements.mjs';

/** So long is an answer waited for: batches in flight end, or are rolled back, first. */
const PATIENCE_MS = 120_000;
const TOKEN = 'tidemark-token';

const holder = document.getElementById('actions');
let token;
let after = () => undefined;
let asking = false;

/** Says what is to be done after each action. */
export function prepareActions(whenDone) {
  after = whenDone;
  takeToken();
  // An address that differs in its token alone does not load the page again.
  addEventListener('hashchange', () => {
    if (!takeToken()) return;
    holder.replaceChildren();
    after();
  });
}

/** Takes the token out of the address, for this tab alone; whether there was one. */
function takeToken() {
  const given = location.hash.slice(1);
  const found = /^[\w-]{43}$/.test(given);
  if (found) {
    sessionStorage.setItem(TOKEN, given);
    history.replaceState(null, '', location.pathname);
  }
  token = sessionStorage.getItem(TOKEN);
  return found;
}

/** Buttons of the run, where the page may act. One that is of no use now stays where it is, so that the focus does. */
export function showActions(snapshot) {
  holder.hidden = !snapshot.actions;
  if (!snapshot.actions) return;
  if (holder.childElementCount === 0) holder.append(...(mayAct(snapshot) ? makeButtons() : [noToken()]));
  if (!mayAct(snapshot)) return;
  const [start, pause, cancel] = holder.querySelectorAll('button');
  const run = runUnderWay(snapshot);
  setText(pause, run?.paused ? 'Resume the run' : 'Pause the run');
  pause.dataset.action = run?.paused ? 'resume' : 'pause';
  cancel.dataset.sync = snapshot.sync;
  allow(start, !run);
  allow(pause, run !== undefined);
  allow(cancel, run !== undefined);
}

/** Skip or retry, as far as the table is in a state for it. */
export function makeTableButton() {
  const button = element('button', { type: 'button', class: 'act', hidden: '' });
  button.addEventListener('click', () => {
    const { action, table } = button.dataset;
    void ask(button, { action, table }, `${action === 'skip' ? 'Skipping' : 'Retrying'} ${table} …`);
  });
  return button;
}

export function updateTableButton(button, { table, state }, snapshot) {
  const action =
    !mayAct(snapshot) || !runUnderWay(snapshot)
      ? undefined
      : /^(failed|skipped)$/.test(state)
        ? 'retry'
        : /^(waiting|planning|copying|comparing|closed|paused|held up)$/.test(state)
          ? 'skip'
          : undefined;
  if (action === undefined && document.activeElement === button)
    button.parentElement.querySelector('.name').focus();
  button.hidden = action === undefined;
  if (action === undefined) return;
  const text = action === 'skip' ? 'Skip' : 'Retry';
  setText(button, text);
  setAttribute(button, 'aria-label', `${text} ${table}`);
  button.dataset.action = action;
  button.dataset.table = table;
}

function mayAct({ actions }) {
  return actions && token !== null;
}

function runUnderWay({ runs }) {
  return runs.find(({ kind, status }) => kind === 'sync' && status === 'running');
}

function noToken() {
  return element('p', {}, 'To act here, open the address that tidemark ui has printed.');
}

function makeButtons() {
  const button = (text) => element('button', { type: 'button', class: 'act' }, text);
  const [start, pause, cancel] = [button('Start a run'), button('Pause the run'), button('Cancel the run …')];
  const result = element('p', { id: 'result', role: 'status', 'aria-live': 'polite' });
  start.addEventListener('click', () => void ask(start, { action: 'sync' }, 'Starting a run …'));
  pause.addEventListener('click', () => {
    const { action } = pause.dataset;
    void ask(pause, { action }, action === 'pause' ? 'Pausing the run …' : 'Resuming the run …');
  });
  const confirm = makeConfirmation(
    () => void ask(cancel, { action: 'cancel' }, 'Cancelling the run: batches in flight are rolled back …'),
  );
  cancel.addEventListener('click', () => {
    if (isAllowed(cancel)) confirm.open(cancel.dataset.sync);
  });
  return [start, pause, cancel, result, confirm.dialog];
}

/** What cannot be taken back is asked about first; the button that changes nothing has the focus. */
function makeConfirmation(confirmed) {
  const title = element('h2', { id: 'confirm-title' });
  const [no, yes] = [
    element('button', { type: 'button', class: 'act', autofocus: '' }, 'Let it go on'),
    element('button', { type: 'button', class: 'act danger' }, 'Cancel the run'),
  ];
  const dialog = element(
    'dialog',
    { 'aria-labelledby': 'confirm-title', 'aria-describedby': 'confirm-what' },
    title,
    element(
      'p',
      { id: 'confirm-what' },
      'Batches in flight are rolled back. What was committed stays, and the next run goes on from there.',
    ),
    element('div', { class: 'bar' }, no, yes),
  );
  no.addEventListener('click', () => dialog.close());
  yes.addEventListener('click', () => {
    dialog.close();
    confirmed();
  });
  return {
    dialog,
    open: (sync) => {
      setText(title, `Cancel the run of ${sync}?`);
      dialog.showModal();
    },
  };
}

function allow(button, allowed) {
  setAttribute(button, 'aria-disabled', String(!allowed));
}

function isAllowed(button) {
  return button.getAttribute('aria-disabled') !== 'true';
}

/** One action at a time. What it came to is told in words. */
async function ask(button, action, meanwhile) {
  if (asking || !isAllowed(button)) return;
  asking = true;
  holder.setAttribute('aria-busy', 'true');
  tell(meanwhile);
  try {
    const response = await fetch('/api/actions', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'X-Tidemark-Token': token },
      body: JSON.stringify(action),
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    const { ok, message } = await response.json();
    tell(message, ok ? 'good' : 'bad');
  } catch {
    tell('There is no answer. What stands here says whether it took effect.', 'bad');
  }
  holder.removeAttribute('aria-busy');
  asking = false;
  after();
}

function tell(text, kind = '') {
  const result = document.getElementById('result');
  result.className = kind;
  setText(result, text);
}
