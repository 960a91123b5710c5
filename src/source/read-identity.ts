import type { ClientBase } from 'pg';
import { z } from 'zod';
import { pgBoolean, queryRow } from '../postgres/query';

/**
 * What tells one source database from another: the cluster's system identifier, which a standby shares with its
 * primary, and the database's name; the name alone where the role may not ask (PostgreSQL: pg_control_system()).
 */
export async function readIdentity(client: ClientBase): Promise<string> {
  const { database, mayAsk } = await queryRow(
    client,
    z.object({ database: z.string(), mayAsk: pgBoolean }),
    `SELECT current_database() AS database, has_function_privilege('pg_control_system()', 'execute') AS "mayAsk"`,
  );
  if (!mayAsk) return database;
  const { system } = await queryRow(
    client,
    z.object({ system: z.string() }),
    `SELECT system_identifier AS system FROM pg_control_system()`,
  );
  return `${system}/${database}`;
}

/** Whether two identities may be of one database: one without the system's part is compared by name alone. */
export function sameIdentity(a: string, b: string): boolean {
  const [nameOfA, nameOfB] = [a, b].map((identity) => identity.replace(/^\d+\//, ''));
  const known = /^\d+\//.test(a) && /^\d+\//.test(b);
  return known ? a === b : nameOfA === nameOfB;
}
