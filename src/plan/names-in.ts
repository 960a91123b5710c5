/** What a log line or a span says of the thing that an activity or a workflow works on. */
export interface WorkNames {
  sync?: string;
  table?: string;
  /** `[lower, upper)`, as PostgreSQL's text. */
  interval?: string;
}

/** The names in the input of an activity or a workflow, whichever it is, and whoever sent it. */
export function namesIn(input: unknown): WorkNames {
  const sync = textAt(input, 'sync');
  const table = textAt(input, 'table');
  const { interval, portion } = (input ?? {}) as Record<string, unknown>;
  const from = textAt(interval, 'position') ?? textAt(portion, 'lower');
  const to = textAt(interval ?? portion, 'upper');
  return {
    ...(sync !== undefined && { sync }),
    ...(table !== undefined && { table }),
    ...(from !== undefined && to !== undefined && { interval: `[${from}, ${to})` }),
  };
}

/** Longer than any name of a table. */
const LONGEST = 300;

function textAt(value: unknown, key: string): string | undefined {
  const text = ((value ?? {}) as Record<string, unknown>)[key];
  return typeof text === 'string' && text.length <= LONGEST ? text : undefined;
}
