import type { ClientBase } from 'pg';
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

/** The last column that came: where it is, everything is. */
const NEWEST_COLUMN = 'plan_attempt';

const SCHEMA = `
  CREATE SCHEMA tidemark;
  COMMENT ON SCHEMA tidemark IS 'Checkpoints of Tidemark. Removing a row makes the next sync copy that table from its start.';
`;

/**
 * Throws {@link Drift} where the checkpoint tables are of an earlier version, and another role's: only their owner may
 * bring them up to date (PostgreSQL: ALTER TABLE).
 */
export async function refuseForeignSchema(client: ClientBase): Promise<void> {
  const { rows } = await client.query<{ owner: string; role: string }>(
    `SELECT quote_ident(pg_get_userbyid(c.relowner)) AS owner, quote_ident(current_user) AS role
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = 'tidemark' AND c.relname = 'tables' AND NOT pg_has_role(c.relowner, 'USAGE')
       AND NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = c.oid AND attname = '${NEWEST_COLUMN}')`,
  );
  const [other] = rows;
  if (other === undefined) return;
  throw new Drift(
    'schema tidemark at the destination',
    `its tables are of an earlier version of Tidemark, and only their owner, ${other.owner}, may bring them up to date`,
    `Run a sync once as that role, or as it: GRANT ${other.owner} TO ${other.role}.`,
  );
}

/** Makes the checkpoint tables where they are missing, or of an earlier version: the last to come tells. Two runs that do so at once would collide without the lock. */
export async function ensureCheckpointSchema(client: ClientBase): Promise<void> {
  const { rows: found } = await client.query(
    `SELECT FROM pg_attribute WHERE attrelid = to_regclass('tidemark.tables') AND attname = '${NEWEST_COLUMN}'`,
  );
  if (found.length > 0) return;
  await refuseForeignSchema(client);
  await client.query('BEGIN');
  await client.query(`SELECT pg_advisory_xact_lock(hashtextextended('tidemark', 0))`);
  // Not IF NOT EXISTS, which asks for CREATE on the database also where the schema was made for this role.
  const schema = await client.query(`SELECT FROM pg_namespace WHERE nspname = 'tidemark'`);
  if (schema.rows.length === 0) await client.query(SCHEMA);
  await client.query(TABLES);
  await client.query('COMMIT');
}
