import { MultiBar, type SingleBar } from 'cli-progress';
import { isMoving, type TableView } from '../temporal/read-progress';
import { describeOpening } from '../plan/describe-opening';
import { formatCount, formatShort } from './format';
import type { ProgressView } from './progress-view';
import { Speed } from './speed';

const NAME_WIDTH = 32;

/** A bar a table, on a terminal. A retried failure is written above them, once for each message. */
export function openBars(): ProgressView {
  const multi = new MultiBar(
    {
      format: '{name} {bar} {percentage} % {text}',
      barsize: 20,
      hideCursor: true,
      stopOnComplete: false,
      forceRedraw: true,
      fps: 4,
      autopadding: true,
      emptyOnZero: true,
      stream: process.stderr,
    },
    { barCompleteChar: '█', barIncompleteChar: '░' } as never,
  );
  const bars = new Map<string, SingleBar>();
  const told = new Map<string, string>();
  const speed = new Speed();
  let open = true;
  let toldOpens: string | undefined;
  return {
    show: ({ tables, opens }) => {
      if (!open) return;
      if (opens !== undefined && opens !== toldOpens) multi.log(`${describeOpening(opens)}\n`);
      toldOpens = opens;
      for (const table of tables) {
        const bar = bars.get(table.table) ?? multi.create(1000, 0, { name: fit(table.table), text: '' });
        bars.set(table.table, bar);
        const done = table.state === 'completed' ? 1 : table.part;
        bar.update(Math.floor(done * 1000), { text: describe(table, speed) });
        const trouble = table.heldUp && `${table.table}: waiting to try again: ${table.heldUp.message}`;
        if (trouble !== undefined && told.get(table.table) !== trouble) multi.log(`${trouble}\n`);
        if (trouble !== undefined) told.set(table.table, trouble);
      }
    },
    note: (line) => multi.log(`${line}\n`),
    close: () => {
      if (open) multi.stop();
      open = false;
    },
  };
}

function describe(table: TableView, speed: Speed): string {
  const { rowsPerSecond, remainingMs } = speed.of(table);
  const rows = `${formatCount(table.rows)} rows`;
  if (table.heldUp) return `${rows}, attempt ${table.heldUp.attempt}`;
  if (table.opens !== undefined) return `${rows}, waiting for ${table.opens}`;
  if (!isMoving(table)) return `${rows}, ${table.state}`;
  return [
    rows,
    rowsPerSecond !== undefined && `${formatCount(rowsPerSecond)} rows/s`,
    remainingMs !== undefined && `${formatShort(remainingMs)} left`,
  ]
    .filter((part) => part !== false)
    .join(', ');
}

function fit(name: string): string {
  return (name.length > NAME_WIDTH ? `${name.slice(0, NAME_WIDTH - 1)}…` : name).padEnd(NAME_WIDTH);
}
