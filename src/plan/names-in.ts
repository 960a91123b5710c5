/** What a log line or a span says of the thing that an activity or a workflow works on. */
export interface WorkNames {
  sync?: string;
  table?: string;
  /** `[lower, upper)`, as PostgreSQL's text. */
  interval?: string;
}

interface Input {
  sync?: string;
  table?: string;
  interval?: { position: string; upper: string };
  portion?: { lower: string; upper: string };
}

/** The names in the input of an activity or a workflow, whichever it is. */
export function namesIn(input: unknown): WorkNames {
  const { sync, table, interval, portion } = (input ?? {}) as Input;
  return {
    ...(sync !== undefined && { sync }),
    ...(table !== undefined && { table }),
    ...(interval && { interval: `[${interval.position}, ${interval.upper})` }),
    ...(portion && { interval: `[${portion.lower}, ${portion.upper})` }),
  };
}
