import { MOST_BYTES, sizeOf } from '../plan/run-size';

interface Row {
  table: string;
  state: string;
}

export interface RunTablesOptions<R extends Row> {
  /** Bytes set aside for a table in the run's payload. */
  setAside: (table: string) => number;
  /** The same in few bytes, where there is no room for all that it says. */
  shorten: (row: R) => R;
}

/** What a run shows of its tables. */
export interface Shown<R extends Row> {
  /** How many tables are in each state. */
  counts: [state: R['state'], tables: number][];
  rows: R[];
  /** How many more there are. */
  more: number;
}

const MOST_FAILED = 20;
const MOST_UNDER_WAY = 20;
const LATEST = 10;

/**
 * A run's tables. A run may have thousands, and changes each of them several times, so that a change must not cost more
 * the more there are; and together they must fit into one payload, so that texts beyond that are shortened.
 */
export class RunTables<R extends Row> {
  readonly #rows = new Map<string, R>();
  readonly #byState = new Map<R['state'], Set<string>>();
  readonly #options: RunTablesOptions<R>;
  /** Tables that ended, the latest last. */
  #latest: string[] = [];
  #spareBytes = MOST_BYTES;

  constructor(rows: readonly R[], options: RunTablesOptions<R>) {
    this.#options = options;
    for (const row of rows) {
      this.#spareBytes -= options.setAside(row.table) + this.#beyond(row);
      this.#rows.set(row.table, row);
      this.#namesIn(row.state).add(row.table);
    }
  }

  get size(): number {
    return this.#rows.size;
  }

  /** In the order in which they were given. */
  get rows(): R[] {
    return [...this.#rows.values()];
  }

  get(table: string): R | undefined {
    return this.#rows.get(table);
  }

  update(table: string, change: Partial<R>): void {
    const before = this.#rows.get(table);
    if (before !== undefined) this.replace({ ...before, ...change });
  }

  /** Puts a row in the place of its table's. */
  replace(row: R): void {
    const { table } = row;
    const before = this.#rows.get(table);
    if (before === undefined) return;
    const after = this.#fitted(row, this.#spareBytes + this.#beyond(before));
    this.#spareBytes += this.#beyond(before) - this.#beyond(after);
    this.#rows.set(table, after);
    if (before.state === after.state) return;
    this.#namesIn(before.state).delete(table);
    this.#namesIn(after.state).add(table);
    if (after.state === 'completed') this.#latest = [...this.#latest, table].slice(-LATEST);
  }

  /** The tables that matter now: some that failed, those under way, and those that ended last. */
  shown(): Shown<R> {
    const underWay = [...this.#byState.entries()].flatMap(([state, names]) =>
      isUnderWay(state) ? [...names] : [],
    );
    const names = [
      ...firstOf(this.#namesIn('failed'), MOST_FAILED),
      ...firstOf(underWay, MOST_UNDER_WAY),
      ...this.#latest,
    ];
    const rows = names.flatMap((name) => this.#rows.get(name) ?? []);
    const counts = [...this.#byState.entries()].flatMap(([state, { size }]): Shown<R>['counts'] =>
      size > 0 ? [[state, size]] : [],
    );
    return { counts, rows, more: this.#rows.size - rows.length };
  }

  #namesIn(state: R['state']): Set<string> {
    const names = this.#byState.get(state) ?? new Set();
    this.#byState.set(state, names);
    return names;
  }

  #fitted(row: R, bytes: number): R {
    return this.#beyond(row) <= bytes ? row : this.#options.shorten(row);
  }

  /** Bytes that a row takes beyond those set aside for it. */
  #beyond(row: R): number {
    return Math.max(0, sizeOf(row) - this.#options.setAside(row.table));
  }
}

function isUnderWay(state: string): boolean {
  return !['waiting', 'completed', 'skipped', 'failed', 'cancelled'].includes(state);
}

function firstOf(names: Iterable<string>, most: number): string[] {
  const first: string[] = [];
  for (const name of names) {
    if (first.length === most) break;
    first.push(name);
  }
  return first;
}
