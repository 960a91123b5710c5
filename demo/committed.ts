import type { Client } from 'pg';
import { z } from 'zod';
import { pgBoolean, pgInteger, queryRow, queryRows } from '../src/postgres/query';

const committedRow = z.object({ table: z.string(), rows: pgInteger });

/** Rows that have been committed at the destination, by table as the checkpoints tell. */
export async function readCommitted(destination: Client): Promise<Map<string, number>> {
  const { exists } = await queryRow(
    destination,
    z.object({ exists: pgBoolean }),
    `SELECT to_regclass('tidemark.intervals') IS NOT NULL AS exists`,
  );
  if (!exists) return new Map();
  const rows = await queryRows(
    destination,
    committedRow,
    `SELECT "table", rows + (SELECT coalesce(sum(i.rows), 0) FROM tidemark.intervals i
                             WHERE (i.sync, i."table") = (t.sync, t."table")) AS rows
     FROM tidemark.tables t`,
  );
  return new Map(rows.map(({ table, rows }) => [table, rows]));
}

/** Whether a batch's rows are on their way into the destination at this moment. */
export async function isBatchInFlight(destination: Client): Promise<boolean> {
  const { found } = await queryRow(
    destination,
    z.object({ found: pgBoolean }),
    `SELECT EXISTS (SELECT FROM pg_stat_activity
                    WHERE application_name LIKE 'tidemark batch %' AND state = 'active' AND query LIKE 'COPY %') AS found`,
  );
  return found;
}

/** Whether any session of a worker is left; after its death, its last transaction may still be ending. */
export async function hasWorkerSessions(destination: Client): Promise<boolean> {
  const { found } = await queryRow(
    destination,
    z.object({ found: pgBoolean }),
    `SELECT EXISTS (SELECT FROM pg_stat_activity WHERE application_name LIKE 'tidemark %') AS found`,
  );
  return found;
}

const transactionRow = z.object({ xmin: z.string(), rows: pgInteger });
export type Transaction = z.output<typeof transactionRow>;

/** The transactions that wrote the rows which sensor_data holds now, one a batch: PostgreSQL notes them in each row. */
export function readTransactions(destination: Client): Promise<Transaction[]> {
  return queryRows(
    destination,
    transactionRow,
    'SELECT xmin::text, count(*) AS rows FROM public.sensor_data GROUP BY 1 ORDER BY 1',
  );
}
