import { type ClientBase, DatabaseError } from 'pg';
import { z } from 'zod';
import type { CursorKind } from '../plan/cursor-value';
import { quoteTable } from '../postgres/identifiers';
import { pgBigint, queryRow, queryRows } from '../postgres/query';

/**
 * What a hypertable's integer_now function says (TimescaleDB: set_integer_now_func). Rows beyond it are of the future.
 * timescaledb_information tells the function's name without its schema: where several functions bear it, or it
 * fails, `unknown` says so.
 */
export async function readIntegerNow(
  client: ClientBase,
  name: string,
  kind: CursorKind,
): Promise<{ value: bigint } | { unknown: string }> {
  const functions = await queryRows(
    client,
    z.object({ schema: z.string() }),
    `SELECT n.nspname AS schema FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
     WHERE p.proname = $1 AND p.pronargs = 0 AND p.prorettype = $2::regtype`,
    [name, kind],
  );
  const [only] = functions;
  const unknown = (why: string): { unknown: string } => ({
    unknown: `the function ${name} of its integer time ${why}, so that rows of the future are taken for present ones`,
  });
  if (only === undefined || functions.length > 1) return unknown('cannot be told from others of its name');
  try {
    const { value } = await queryRow(
      client,
      z.object({ value: pgBigint.nullable() }),
      `SELECT ${quoteTable({ schema: only.schema, name })}() AS value`,
    );
    return value === null ? unknown('returns NULL') : { value };
  } catch (error) {
    // In a function of the user's anything can fail; a lost connection shows in the next query.
    if (error instanceof DatabaseError) return unknown(`fails (${error.code ?? 'no code'})`);
    throw error;
  }
}
