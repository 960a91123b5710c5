import { prepareActions, showActions } from './actions.mjs';
import { drawChart } from './charts.mjs';
import { element, keyed, setText, whenChanged } from './elements.mjs';
import { makeTable, took, updateTable } from './table.mjs';
import { bytesPerSecond, rowsPerSecond, time } from './words.mjs';

const LOOK_EVERY_MS = 2_000;
/** So many tables need a way to find one. */
const MANY = 8;

const $ = (id) => document.getElementById(id);
let shown;
let timer;

/** Asks for the next snapshot once the last is there; not while nobody sees the page. */
async function look() {
  clearTimeout(timer);
  try {
    const response = await fetch('/api/snapshot', { signal: AbortSignal.timeout(30_000) });
    if (!response.ok) throw new Error(String(response.status));
    shown = await response.json();
    document.body.classList.remove('stale');
    show(shown);
  } catch {
    document.body.classList.add('stale');
    showProblems([['Page', 'tidemark ui does not answer. What stands here is as of the time below.']]);
  }
  clearTimeout(timer);
  if (!document.hidden) timer = setTimeout(look, LOOK_EVERY_MS);
}

function show(snapshot) {
  const { sync, run, horizon, tables, runs, rates } = snapshot;
  const moving = tables.filter(({ state }) => state === 'copying' || state === 'comparing').length;
  setText(document.querySelector('title'), `${sync}${moving > 0 ? `: ${moving} under way` : ''} – Tidemark`);
  setText($('sync'), sync);
  setText($('run'), run === '' ? 'Looking …' : `${run[0].toUpperCase()}${run.slice(1)}.`);
  setText($('rows-speed'), rowsPerSecond(snapshot.rowsPerSecond));
  setText($('bytes-speed'), bytesPerSecond(snapshot.bytesPerSecond));
  drawChart($('rows-chart'), rates.rows, 'Rows per second, the last minutes');
  drawChart($('bytes-chart'), rates.bytes, 'Bytes per second, the last minutes');
  showProblems(problemsOf(snapshot));
  $('horizon').hidden = horizon === null;
  if (horizon !== null) setText($('horizon'), horizon);
  showActions(snapshot);
  showTables(tables, snapshot);
  showRuns(runs, snapshot.at);
  setText($('as-of'), `Tidemark ${snapshot.version}. As of ${time(snapshot.at)}.`);
}

function problemsOf(snapshot) {
  return ['Destination', 'Source', 'Temporal'].flatMap((title) => {
    const { state, message } = snapshot[title.toLowerCase()];
    return state === 'failed' ? [[title, message]] : [];
  });
}

function showProblems(problems) {
  whenChanged($('problems'), problems, () =>
    $('problems').replaceChildren(
      ...problems.map(([title, message]) =>
        element('li', { role: 'alert' }, element('b', {}, `${title}: `), message),
      ),
    ),
  );
}

function showTables(tables, snapshot) {
  const { destination } = snapshot;
  $('search').hidden = tables.length <= MANY;
  const wanted = $('find').value.trim().toLowerCase();
  const found = tables.filter(({ table }) => $('search').hidden || table.toLowerCase().includes(wanted));
  keyed(
    $('tables'),
    found,
    ({ table }) => table,
    makeTable,
    (item, table) => updateTable(item, table, snapshot),
  );
  $('none').hidden = found.length > 0;
  if (found.length === 0)
    setText(
      $('none'),
      tables.length > 0
        ? 'No table has such a name.'
        : destination.state === 'ok'
          ? 'The configuration means no table that the source has.'
          : 'The tables are known once the destination answers.',
    );
}

function showRuns(runs, now) {
  $('runs').hidden = runs.length === 0;
  $('no-runs').hidden = runs.length > 0;
  keyed(
    $('runs').tBodies[0],
    runs,
    ({ runId }) => runId,
    () => element('tr', {}, ...Array.from({ length: 5 }, () => element('td'))),
    (row, run) => {
      const [name, state, begun, time_, wrong] = row.children;
      whenChanged(row, [run.link, run.kind], () =>
        name.replaceChildren(
          run.link === null ? run.kind : element('a', { href: run.link }, `${run.kind} in Temporal`),
        ),
      );
      name.title = run.workflowId;
      setText(state, run.status.replace('_', ' '));
      setText(begun, time(run.startedAt));
      setText(time_, took(run, now));
      wrong.className = 'wrap';
      setText(wrong, describeFailure(run));
    },
  );
}

function describeFailure({ error, tables }) {
  const failed = Object.entries(tables).map(([table, message]) => `${table}: ${message}`);
  return failed.length > 0 ? failed.join('; ') : (error ?? '');
}

document.addEventListener('visibilitychange', () => {
  if (!document.hidden) void look();
});
$('find').addEventListener('input', () => shown && show(shown));

/** Arrows go from table to table, / to the search. */
document.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const typing = event.target instanceof HTMLInputElement;
  if (document.querySelector('dialog[open]')) return;
  if (event.key === '/' && !typing && !$('search').hidden) {
    event.preventDefault();
    $('find').focus();
    return;
  }
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step === undefined || event.target.closest?.('.scroll')) return;
  const names = [...document.querySelectorAll('#tables .name')];
  const next = names[Math.max(0, names.indexOf(document.activeElement) + step)];
  if (
    !next ||
    (names.indexOf(document.activeElement) < 0 && !typing && document.activeElement !== document.body)
  )
    return;
  event.preventDefault();
  next.focus();
});

prepareActions(() => void look());
void look();
