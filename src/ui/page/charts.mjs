import { setAttribute, whenChanged } from './elements.mjs';
import { bound, several, stateWords } from './words.mjs';

const SVG = 'http://www.w3.org/2000/svg';
const WIDTH = 100;
const HEIGHT = 24;

/** Draws numbers as a line with its area; gaps where there is none. */
export function drawChart(holder, values, label) {
  let chart = holder.firstElementChild;
  if (!chart) {
    chart = document.createElementNS(SVG, 'svg');
    for (const [name, value] of Object.entries({
      class: 'chart',
      viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
      preserveAspectRatio: 'none',
      role: 'img',
    }))
      chart.setAttribute(name, value);
    const [area, line] = [document.createElementNS(SVG, 'path'), document.createElementNS(SVG, 'path')];
    area.setAttribute('class', 'area');
    chart.append(area, line);
    holder.append(chart);
  }
  setAttribute(chart, 'aria-label', label);
  whenChanged(chart, values, () => {
    const top = Math.max(1, ...values.filter((value) => value !== null));
    const x = (index) => (values.length < 2 ? WIDTH : (index * WIDTH) / (values.length - 1));
    const y = (value) => HEIGHT - 1 - (value / top) * (HEIGHT - 3);
    const [area, line] = chart.children;
    const runs = stretchesOf(values);
    const along = (run) =>
      run.map(([index, value]) => `${x(index).toFixed(1)} ${y(value).toFixed(1)}`).join('L');
    line.setAttribute('d', runs.map((run) => `M${along(run)}`).join(''));
    area.setAttribute(
      'd',
      runs
        .map(
          (run) =>
            `M${x(run[0][0]).toFixed(1)} ${HEIGHT}L${along(run)}L${x(run.at(-1)[0]).toFixed(1)} ${HEIGHT}Z`,
        )
        .join(''),
    );
  });
}

function stretchesOf(values) {
  const runs = [];
  let run;
  for (const [index, value] of values.entries()) {
    if (value === null) run = undefined;
    else if (run) run.push([index, value]);
    else runs.push((run = [[index, value]]));
  }
  return runs;
}

/** One element for each run of cells of a state, placed in thousandths of the width. */
export function drawStrips(holder, strip) {
  const [main, chunks, ends] = holder.children;
  whenChanged(holder, strip, () => {
    main.replaceChildren(...strip.stretches.map(piece), ...watermarkOf(strip));
    setAttribute(main, 'aria-label', describeStrip(strip));
    chunks.hidden = strip.chunks.length === 0;
    chunks.replaceChildren(
      ...strip.chunks.map((chunk) =>
        piece({ ...chunk, state: chunk.compressed ? 'chunk compressed' : 'chunk' }),
      ),
    );
    ends.firstElementChild.textContent = bound(strip.from);
    ends.lastElementChild.textContent = bound(strip.to);
  });
}

function piece({ at, cells, state, from, to, count }) {
  const made = document.createElement('i');
  made.className = state;
  made.style.left = `${at / 10}%`;
  made.style.width = `${cells / 10}%`;
  const what =
    stateWords[state] ??
    `${several(count, 'chunk', 'chunks')}${/compressed/.test(state) ? ', compressed' : ''}`;
  made.title = `${what}: ${bound(from)} … ${bound(to)}`;
  return made;
}

function watermarkOf({ watermark }) {
  if (watermark === null) return [];
  const made = document.createElement('i');
  made.className = 'watermark';
  made.style.left = `${watermark / 10}%`;
  made.title = 'watermark';
  return [made];
}

/** What the strip shows, in a sentence: how much of its width each state takes. */
function describeStrip({ from, to, stretches }) {
  const parts = Object.entries(stateWords).flatMap(([state, words]) => {
    const cells = stretches.filter((one) => one.state === state).reduce((sum, one) => sum + one.cells, 0);
    return cells === 0 ? [] : [`${cells < 10 ? 'less than 1' : Math.round(cells / 10)} % ${words}`];
  });
  return `From ${bound(from)} to ${bound(to)}: ${parts.join(', ') || 'nothing copied'}`;
}
