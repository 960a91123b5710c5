import type { ClientBase } from 'pg';
import { z } from 'zod';
import { pgBoolean, queryRows } from '../postgres/query';
import { Drift } from './drift';

/**
 * Where progress lives at the destination: one row a table, and one an interval under way; and a
 * row for each chunk of the source whose rows reconcile has compared; and one for the pace of a sync that has one. Positions and the
 * watermark are changed only in the transaction that writes the rows they speak of, or in one that writes none.
 * Cursor values are PostgreSQL's text form, so that any type of cursor column fits and a reader understands them.
 */
const TABLES = `
  CREATE TABLE IF NOT EXISTS tidemark.tables (
    sync text NOT NULL,
    "table" text NOT NULL,
    epoch bigint NOT NULL DEFAULT 0,
    run text,
    spec jsonb,
    planned text,
    watermark text,
    rewrite_below text,
    source text,
    observation jsonb,
    rows bigint NOT NULL DEFAULT 0,
    planned_at timestamptz,
    completed_at timestamptz,
    PRIMARY KEY (sync, "table")
  );
  ALTER TABLE tidemark.tables ADD COLUMN IF NOT EXISTS gone bigint NOT NULL DEFAULT 0,
    ADD COLUMN IF NOT EXISTS reconciled_at timestamptz,
    ADD COLUMN IF NOT EXISTS made jsonb,
    ADD COLUMN IF NOT EXISTS plan_activity text,
    ADD COLUMN IF NOT EXISTS plan_attempt integer;
  CREATE TABLE IF NOT EXISTS tidemark.intervals (
    sync text NOT NULL,
    "table" text NOT NULL,
    id integer NOT NULL,
    epoch bigint NOT NULL,
    lower text NOT NULL,
    upper text NOT NULL,
    position text NOT NULL,
    rewrite boolean NOT NULL DEFAULT false,
    rows bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (sync, "table", id)
  );
  CREATE TABLE IF NOT EXISTS tidemark.chunks (
    sync text NOT NULL,
    "table" text NOT NULL,
    chunk text NOT NULL,
    lower text NOT NULL,
    upper text NOT NULL,
    archive boolean NOT NULL DEFAULT false,
    seen text,
    seen_by text,
    settled text,
    settled_at timestamptz,
    PRIMARY KEY (sync, "table", chunk)
  );
  CREATE TABLE IF NOT EXISTS tidemark.paces (
    sync text PRIMARY KEY,
    owed double precision NOT NULL,
    at timestamptz NOT NULL
  );
`;

export const CHECKPOINT_TABLES = ['tables', 'intervals', 'chunks', 'paces'];

/** The last column that came: where it is, everything is. */
const NEWEST_COLUMN = 'plan_attempt';

const SCHEMA = `
  CREATE SCHEMA tidemark;
  COMMENT ON SCHEMA tidemark IS 'Checkpoints of Tidemark. Removing a row makes the next sync copy that table from its start.';
`;

const WHERE = 'schema tidemark at the destination';
const tableRow = z.object({
  ...{ name: z.string(), owner: z.string(), role: z.string() },
  ...{ owned: pgBoolean, current: pgBoolean, unlogged: pgBoolean, hidden: pgBoolean },
});

/**
 * Whether the checkpoint tables are there, and of this version. Throws {@link Drift} where they are not to be relied on:
 *
 * - PostgreSQL empties an unlogged table when its server comes back from a crash (CREATE TABLE, UNLOGGED): all would be
 *   copied again, and written twice in mode append.
 * - So it would be where row-level security hides a checkpoint from this role.
 * - Those of an earlier version only their owner may bring up to date (ALTER TABLE).
 */
export async function refuseUnfitCheckpoints(client: ClientBase): Promise<boolean> {
  const tables = await queryRows(
    client,
    tableRow,
    `SELECT c.relname AS name, quote_ident(pg_get_userbyid(c.relowner)) AS owner, quote_ident(current_user) AS role,
       EXISTS (SELECT FROM pg_attribute WHERE attrelid = c.oid AND attname = '${NEWEST_COLUMN}') AS current,
       pg_has_role(c.relowner, 'USAGE') AS owned, c.relpersistence = 'u' AS unlogged, row_security_active(c.oid) AS hidden
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = 'tidemark' AND c.relname = ANY ($1)`,
    [CHECKPOINT_TABLES],
  );
  const unlogged = tables.find((table) => table.unlogged);
  if (unlogged !== undefined)
    throw new Drift(
      WHERE,
      `its table ${unlogged.name} is UNLOGGED: a crash of that server would empty it, and rows would be copied again`,
      `ALTER TABLE tidemark.${unlogged.name} SET LOGGED.`,
    );
  const hidden = tables.find((table) => table.hidden);
  if (hidden !== undefined)
    throw new Drift(
      WHERE,
      `row-level security hides rows of its table ${hidden.name} from this role, and what they say was copied would be copied again`,
      `ALTER TABLE tidemark.${hidden.name} DISABLE ROW LEVEL SECURITY, or let the role bypass it (ALTER ROLE … BYPASSRLS).`,
    );
  const known = tables.find(({ name }) => name === 'tables');
  if (known !== undefined && !known.current && !known.owned)
    throw new Drift(
      WHERE,
      `its tables are of an earlier version of Tidemark, and only their owner, ${known.owner}, may bring them up to date`,
      `Run a sync once as that role, or as it: GRANT ${known.owner} TO ${known.role}.`,
    );
  return known?.current === true;
}

/** Makes the checkpoint tables where they are missing, or of an earlier version: the last to come tells. Two runs that do so at once would collide without the lock. */
export async function ensureCheckpointSchema(client: ClientBase): Promise<void> {
  if (await refuseUnfitCheckpoints(client)) return;
  await client.query('BEGIN');
  await client.query(`SELECT pg_advisory_xact_lock(hashtextextended('tidemark', 0))`);
  // Not IF NOT EXISTS, which asks for CREATE on the database also where the schema was made for this role.
  const schema = await client.query(`SELECT FROM pg_namespace WHERE nspname = 'tidemark'`);
  if (schema.rows.length === 0) await client.query(SCHEMA);
  await client.query(TABLES);
  await client.query('COMMIT');
}
