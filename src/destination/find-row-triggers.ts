import type { ClientBase } from 'pg';
import { z } from 'zod';
import { queryRows } from '../postgres/query';
import { PARTS } from './parts';

/** TRIGGER_TYPE_ROW and TRIGGER_TYPE_BEFORE of PostgreSQL's pg_trigger.h. */
const ROW_BEFORE = 1 | 2;

/**
 * The triggers that may change a row, drop it or send it elsewhere before it is written (CREATE TRIGGER, BEFORE … FOR
 * EACH ROW): of the table, and of its partitions. Those of TimescaleDB itself are not among them.
 */
export async function findRowTriggers(client: ClientBase, oid: string): Promise<string[]> {
  const rows = await queryRows(
    client,
    z.object({ name: z.string() }),
    `WITH RECURSIVE ${PARTS}
     SELECT DISTINCT t.tgname AS name
     FROM parts JOIN pg_trigger t ON t.tgrelid = parts.oid JOIN pg_proc p ON p.oid = t.tgfoid
     WHERE NOT t.tgisinternal AND t.tgenabled IN ('O', 'A') AND t.tgtype & ${ROW_BEFORE} = ${ROW_BEFORE}
       AND p.pronamespace::regnamespace::text NOT LIKE '\\_timescaledb\\_%'
     ORDER BY 1`,
    [oid],
  );
  return rows.map(({ name }) => name);
}
