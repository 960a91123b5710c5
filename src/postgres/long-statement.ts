import type { QueryConfig } from 'pg';

/** As long as a batch may last (workflows/policies.ts). */
const LONG_STATEMENT_MS = 24 * 3_600_000;

/**
 * A statement whose length goes with the data: merging, deleting or indexing. The client waits for it as long as a
 * batch may last; the server's statement_timeout has to be off in its transaction. A connection that dies meanwhile
 * is noticed by watch-answer.ts.
 */
export function longStatement(text: string, values: unknown[] = []): QueryConfig {
  return { text, values, query_timeout: LONG_STATEMENT_MS } as QueryConfig;
}

export function isLong(query: unknown): boolean {
  return (
    typeof query === 'object' &&
    query !== null &&
    'query_timeout' in query &&
    query.query_timeout === LONG_STATEMENT_MS
  );
}
