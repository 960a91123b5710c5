import type { ClientBase } from 'pg';
import { z } from 'zod';
import { pgInteger } from '../../src/postgres/query';
import { type FuzzedTable, type LaneName, lanes } from './tables';

const readRow = z.object({ statement: z.string(), rows: pgInteger });

/**
 * Sees to it, by what the source's server has counted, that a table's rows were read by its lane's statement and no
 * other. @throws when they were not
 */
export async function expectLane(source: ClientBase, { name, lane }: FuzzedTable): Promise<void> {
  const statements = Object.values(lanes).map(({ statement }) => statement);
  // Other reads of the table, such as the look for a batch's end, do not name its last column.
  const { rows } = await source.query(
    `SELECT statement, sum(rows) AS rows FROM public.pg_stat_statements s, unnest($1::text[]) statement
     WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
       AND query LIKE replace(statement, '%', '"id", "at", "c000"%FROM ' || $2 || ' WHERE %') GROUP BY 1`,
    [statements, `"public"."${name}"`],
  );
  const read = new Map(
    z
      .array(readRow)
      .parse(rows)
      .map(({ statement, rows: count }) => [statement, count]),
  );
  const taken = (Object.keys(lanes) as LaneName[]).filter(
    (other) => (read.get(lanes[other].statement) ?? 0) > 0,
  );
  if (taken.join() !== lane)
    throw new Error(`${name} took the lanes ${taken.join(', ') || 'none'}, not its own`);
}
