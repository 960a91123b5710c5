import type { ClientBase } from 'pg';
import { z } from 'zod';
import { pgBoolean, pgInteger, queryRow } from '../postgres/query';

const versionsRow = z.object({
  /** server_version_num, such as 150018. */
  server: pgInteger,
  /** server_version, such as "15.18 (Debian …)". */
  serverText: z.string(),
  timescaledb: z.string().nullable(),
  /** pgvector's. */
  vector: z.string().nullable(),
  encoding: z.string(),
  role: z.string(),
  superuser: pgBoolean,
  isStandby: pgBoolean,
  /** Whether other roles' open transactions can be seen (pg_read_all_stats, or superuser). */
  readsAllStats: pgBoolean,
});
export type Versions = z.infer<typeof versionsRow>;

/** What the server is, and what the role may see there. */
export function readVersions(client: ClientBase): Promise<Versions> {
  return queryRow(
    client,
    versionsRow,
    `SELECT current_setting('server_version_num') AS server, current_setting('server_version') AS "serverText",
            (SELECT extversion FROM pg_extension WHERE extname = 'timescaledb') AS timescaledb,
            (SELECT extversion FROM pg_extension WHERE extname = 'vector') AS vector,
            current_setting('server_encoding') AS encoding, current_user AS role,
            (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) AS superuser,
            pg_is_in_recovery() AS "isStandby",
            pg_has_role('pg_read_all_stats', 'usage') AS "readsAllStats"`,
  );
}
