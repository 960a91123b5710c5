import type { ClientBase } from 'pg';
import { z } from 'zod';
import { pgBoolean, queryRow } from '../postgres/query';

/** Whether a sync has copied any table to its end before. */
export async function wasCopied(client: ClientBase, sync: string): Promise<boolean> {
  const there = await client.query(`SELECT WHERE to_regclass('tidemark.tables') IS NOT NULL`);
  if (there.rows.length === 0) return false;
  const { found } = await queryRow(
    client,
    z.object({ found: pgBoolean }),
    `SELECT EXISTS (SELECT FROM tidemark.tables WHERE sync = $1 AND watermark IS NOT NULL) AS found`,
    [sync],
  );
  return found;
}
