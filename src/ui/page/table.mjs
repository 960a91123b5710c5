import { makeTableButton, updateTableButton } from './actions.mjs';
import { drawChart, drawStrips } from './charts.mjs';
import { element, setText, whenChanged } from './elements.mjs';
import {
  bound,
  bytesPerSecond,
  count,
  duration,
  lag,
  rowsPerSecond,
  several,
  stateWords,
  time,
} from './words.mjs';

let made = 0;

/** One table's place in the list: a button with its name, its strip, its figures, and more when it is opened. */
export function makeTable() {
  const id = `more-${++made}`;
  const name = element('button', {
    class: 'name',
    type: 'button',
    'aria-expanded': 'false',
    'aria-controls': id,
  });
  const more = element('div', { class: 'more', id, hidden: '' });
  name.addEventListener('click', () => {
    const open = name.getAttribute('aria-expanded') !== 'true';
    name.setAttribute('aria-expanded', String(open));
    more.hidden = !open;
    if (open) fillMore(more, more.table);
  });
  const strips = element(
    'div',
    { class: 'strips' },
    element('div', { class: 'strip', role: 'img' }),
    element('div', { class: 'strip chunks', 'aria-hidden': 'true' }),
    element('div', { class: 'ends' }, element('span'), element('span')),
  );
  const fact = (title) =>
    element('div', {}, element('dt', {}, title), element('dd', {}, element('span'), element('div')));
  return element(
    'li',
    {},
    element('div', {}, name, element('div', { class: 'state' }), makeTableButton()),
    strips,
    element('dl', { class: 'facts' }, fact('Rows copied'), fact('Speed'), fact('Lag')),
    element('div', { class: 'trouble', hidden: '' }),
    more,
  );
}

export function updateTable(item, table, snapshot) {
  const [head, strips, facts, trouble, more] = item.children;
  const [name, state, act] = head.children;
  setText(name, table.table);
  setText(state, describeState(table));
  state.className = `state ${isBad(table) ? 'bad' : table.state === 'completed' || table.state === 'copied' ? 'good' : ''}`;
  updateTableButton(act, table, snapshot);
  item.classList.toggle('live', table.state === 'copying');

  strips.hidden = table.strip === null;
  if (table.strip) drawStrips(strips, table.strip);

  const [rows, speed, lagging] = [...facts.children].map((fact) => fact.lastElementChild);
  setText(rows.firstElementChild, table.rows === null ? '–' : count(table.rows));
  const bytes = table.bytesPerSecond === null ? '' : `, ${bytesPerSecond(table.bytesPerSecond)}`;
  setText(speed.firstElementChild, `${rowsPerSecond(table.rowsPerSecond)}${bytes}`);
  drawChart(speed.lastElementChild, table.rates.rows, 'Rows per second, the last minutes');
  setText(lagging.firstElementChild, lag(table.lag));
  drawChart(lagging.lastElementChild, table.lags, 'Lag, the last hours');

  trouble.hidden = table.trouble === null;
  if (table.trouble !== null) setText(trouble, table.trouble);
  more.table = table;
  if (!more.hidden) fillMore(more, table);
}

function isBad({ state, trouble }) {
  return state === 'failed' || state === 'held up' || trouble !== null;
}

function describeState({ state, part, intervals, intervalsLeft, trouble }) {
  const moving = state === 'copying' || state === 'comparing';
  const parts = [
    moving && part !== null
      ? `${state}, ${Math.floor(part * 100)} %`
      : state === 'not copied'
        ? 'not copied yet'
        : state,
    ...(intervalsLeft > 0
      ? [`${several(intervalsLeft, 'interval', 'intervals')} of ${count(intervals)} left`]
      : []),
    ...(trouble !== null && (state === 'copied' || state === 'begun') ? ['its last run failed'] : []),
  ];
  return parts.join(', ');
}

/** What the strip shows, as a table that can be read; and what has no room above. */
function fillMore(more, table) {
  whenChanged(
    more,
    [
      table.strip,
      table.watermark,
      table.completedAt,
      table.reconciledAt,
      table.warnings,
      table.lag,
      table.link,
      table.chunks,
    ],
    () => {
      const facts = [
        ['Watermark', table.watermark ?? 'none yet'],
        ['Lag', table.lag && 'unknown' in table.lag ? `unknown: ${table.lag.unknown}` : lag(table.lag)],
        ['Chunks at the source', table.chunks === null ? '' : count(table.chunks)],
        ['Last completed', time(table.completedAt)],
        ['Last found equal', time(table.reconciledAt)],
        ...table.warnings.map((warning) => ['Warning', warning]),
      ].filter(([, value]) => value !== '');
      const rows = facts.map(([title, value]) =>
        element('tr', {}, element('th', { scope: 'row' }, title), element('td', { class: 'wrap' }, value)),
      );
      more.replaceChildren(
        element('table', {}, element('tbody', {}, ...rows)),
        ...(table.link === null
          ? []
          : [element('p', {}, element('a', { href: table.link }, 'This run of the table in Temporal'))]),
        ...(table.strip ? [stretchesTable(table)] : []),
      );
    },
  );
}

function stretchesTable({ table, strip }) {
  const head = ['State', 'From', 'To (not included)', 'Intervals or chunks'].map((title) =>
    element('th', { scope: 'col' }, title),
  );
  const rows = strip.stretches.map(({ state, from, to, count: pieces }) =>
    element(
      'tr',
      {},
      element('td', {}, element('i', { class: `mark ${state}` }), stateWords[state]),
      element('td', {}, bound(from)),
      element('td', {}, bound(to)),
      element('td', {}, count(pieces)),
    ),
  );
  return element(
    'div',
    { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': `Stretches of ${table}` },
    element(
      'table',
      {},
      element('caption', {}, 'Stretches of the cursor column, neighbours of one state joined'),
      element('thead', {}, element('tr', {}, ...head)),
      element('tbody', {}, ...rows),
    ),
  );
}

/** How long a run took, or has been going. */
export function took({ startedAt, endedAt }, now) {
  return duration(Math.max(0, Date.parse(endedAt ?? now) - Date.parse(startedAt)));
}
