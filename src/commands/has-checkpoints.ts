import type { ClientBase } from 'pg';
import { z } from 'zod';
import { pgBoolean, queryRow } from '../postgres/query';

/** Whether any sync has kept checkpoints in this destination. Needs no privilege on them. */
export async function hasCheckpoints(client: ClientBase): Promise<boolean> {
  const { found } = await queryRow(
    client,
    z.object({ found: pgBoolean }),
    `SELECT EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
                    WHERE nspname = 'tidemark' AND relname = 'tables') AS found`,
  );
  return found;
}
