import type { TableProgress } from '../plan/wire';

/** Over which the speed is an average. */
const WINDOW_MS = 10_000;

/** How fast tables are copied, from the times at which they were looked at. */
export class Speed {
  private readonly seen = new Map<string, { at: number; rows: number; part: number }[]>();

  /** Over the last ten seconds; undefined where too little is known. */
  of(
    { table, rows, part }: TableProgress,
    at = Date.now(),
  ): { rowsPerSecond: number | undefined; remainingMs: number | undefined } {
    const looks = (this.seen.get(table) ?? []).filter((look) => at - look.at <= WINDOW_MS);
    this.seen.set(table, [...looks, { at, rows, part }]);
    const [first] = looks;
    if (!first || at - first.at < 400) return { rowsPerSecond: undefined, remainingMs: undefined };
    const elapsed = at - first.at;
    const done = part - first.part;
    return {
      rowsPerSecond: ((rows - first.rows) * 1000) / elapsed,
      remainingMs: done > 0 ? ((1 - part) * elapsed) / done : undefined,
    };
  }
}
