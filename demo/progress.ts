import { MultiBar, type SingleBar } from 'cli-progress';
import type { Colors } from 'picocolors/types';

const LINE_EVERY_MS = 2_000;

export interface Progress {
  show: (committed: Map<string, number>) => void;
  /** A line of text, above what moves. */
  note: (line: string) => void;
  stop: () => void;
}

/** Live progress of tables, by their number of rows: bars on a terminal, now and then a line elsewhere. */
export function showProgress(out: NodeJS.WriteStream, colors: Colors, totals: Map<string, number>): Progress {
  return out.isTTY ? showBars(out, colors, totals) : showLines(out, totals);
}

function showBars(stream: NodeJS.WriteStream, colors: Colors, totals: Map<string, number>): Progress {
  const multi = new MultiBar({
    stream,
    format: `    {table} ${colors.cyan('{bar}')} {percentage} %  {done} rows`,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    barsize: 30,
    hideCursor: true,
    clearOnComplete: false,
    fps: 15,
    // Ours, which also ends the servers, restores the cursor.
    gracefulExit: false,
    autopadding: true,
  });
  const bars = new Map<string, SingleBar>();
  for (const [table, total] of totals)
    bars.set(table, multi.create(total, 0, { table: plain(table).padEnd(18), done: '0' }));
  return {
    show: (committed) => {
      for (const [table, bar] of bars) {
        const rows = committed.get(table) ?? 0;
        bar.update(rows, { done: count(rows) });
      }
    },
    note: (line) => multi.log(`${line}\n`),
    stop: () => {
      multi.update();
      multi.stop();
    },
  };
}

function showLines(stream: NodeJS.WriteStream, totals: Map<string, number>): Progress {
  let last = '';
  let lastAt = 0;
  let stopped = false;
  const write = (committed: Map<string, number>): void => {
    const parts = [...totals].map(
      ([table, total]) => `${plain(table)} ${count(committed.get(table) ?? 0)} of ${count(total)}`,
    );
    const line = parts.join(', ');
    if (line === last) return;
    last = line;
    lastAt = performance.now();
    stream.write(`    ${line}\n`);
  };
  return {
    show: (committed) => {
      if (!stopped && performance.now() - lastAt >= LINE_EVERY_MS) write(committed);
    },
    note: (line) => stream.write(`${line}\n`),
    stop: () => void (stopped = true),
  };
}

export function count(number: number): string {
  return number.toLocaleString('en');
}

function plain(table: string): string {
  return table.replace(/^public\./, '');
}
