import { isMoving, type RunView, type TableView } from '../temporal/read-progress';
import { describeOpening } from '../plan/describe-opening';
import { formatCount, formatShort } from './format';
import { openBars } from './progress-bars';
import { Speed } from './speed';

/** Shows a run's progress on stderr. */
export interface ProgressView {
  show: (view: RunView) => void;
  /** A line that stays. */
  note: (line: string) => void;
  close: () => void;
}

/** A line a table that moves on a terminal, plain lines elsewhere, nothing with `--json`. */
export function openProgress(json: boolean): ProgressView {
  if (json) return { show: () => undefined, note: () => undefined, close: () => undefined };
  return process.stderr.isTTY ? openBars() : openLines();
}

/** No table gets more than a line in this time, unless its state changes. */
const LINE_EVERY_MS = 3_000;

function openLines(): ProgressView {
  const speed = new Speed();
  const last = new Map<string, { text: string; state: string; at: number }>();
  let open = true;
  let toldOpens: string | undefined;
  const write = (line: string): void => {
    if (open) process.stderr.write(`${line}\n`);
  };
  return {
    show: ({ tables, opens }) => {
      if (tables.length === 0 && opens !== undefined && opens !== toldOpens) write(describeOpening(opens));
      toldOpens = opens;
      for (const table of tables) {
        if (table.state === 'waiting') continue;
        const before = last.get(table.table);
        const state = `${table.state} ${table.heldUp?.message ?? ''}`;
        const now = Date.now();
        if (before?.state === state && now - before.at < LINE_EVERY_MS) continue;
        const text = describeProgress(table, speed.of(table));
        if (text === before?.text) continue;
        last.set(table.table, { text, state, at: now });
        write(text);
      }
    },
    note: write,
    close: () => void (open = false),
  };
}

/** One line on how far a table is. */
function describeProgress(table: TableView, { rowsPerSecond, remainingMs }: ReturnType<Speed['of']>): string {
  const rows = `${formatCount(table.rows)} rows`;
  if (table.heldUp)
    return `${table.table}: ${rows}, waiting to try again (attempt ${table.heldUp.attempt}): ${table.heldUp.message}`;
  if (table.state === 'failed') return `${table.table}: failed, ${table.error?.message ?? ''}`;
  if (table.opens !== undefined) return `${table.table}: ${rows}, ${describeOpening(table.opens)}`;
  if (!isMoving(table)) return `${table.table}: ${table.state}, ${rows}`;
  const parts = [
    `${Math.floor(table.part * 100)} %`,
    rows,
    ...(rowsPerSecond === undefined ? [] : [`${formatCount(rowsPerSecond)} rows/s`]),
    ...(remainingMs === undefined ? [] : [`${formatShort(remainingMs)} left`]),
  ];
  return `${table.table}: ${parts.join(', ')}`;
}
