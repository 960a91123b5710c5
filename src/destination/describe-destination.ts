import type { ClientBase } from 'pg';
import { z } from 'zod';
import type { TableIdentity } from '../plan/table-spec';
import { pgBoolean, pgJson, queryRows } from '../postgres/query';

export interface DestinationColumn {
  name: string;
  /** As format_type prints it. */
  type: string;
  /** Computed by the destination itself, so it can't be written. */
  generated: boolean;
  /** GENERATED ALWAYS AS IDENTITY: it can be inserted, and not updated. */
  identity: boolean;
  notNull: boolean;
  /** Its collation takes different texts for one (PostgreSQL: nondeterministic collations). */
  folds: boolean;
}

export interface DestinationTable {
  /** As PostgreSQL calls it. */
  kind: 'table' | 'view' | 'materialized view' | 'foreign table';
  oid: string;
  /** Other tables inherit from it: rows of theirs show in it, and its indexes do not hold them. */
  inherited: boolean;
  /** Policies apply to this role: some rows may be hidden from it. */
  rowSecurity: boolean;
  /** A rule that turns what is written to it into something else (CREATE RULE). COPY passes them by, INSERT and DELETE do not. */
  rule: string | null;
  columns: DestinationColumn[];
  /** The columns of each unique index that can decide a conflict: valid, immediate, neither partial nor on an expression. */
  uniqueKeys: string[][];
  /** The columns that lead an index which can find a range. */
  indexed: string[];
}

const foundRow = z.object({
  oid: z.string(),
  relkind: z.enum(['r', 'p', 'v', 'f', 'm']),
  security: pgBoolean,
  rule: z.string().nullable(),
  inherited: pgBoolean,
});

const kinds: Record<z.infer<typeof foundRow>['relkind'], DestinationTable['kind']> = {
  r: 'table',
  p: 'table',
  v: 'view',
  f: 'foreign table',
  m: 'materialized view',
};

/** Whether an index sees to it that no two rows share this key. */
export function isUnique({ uniqueKeys }: DestinationTable, key: readonly string[]): boolean {
  return uniqueKeys.some((unique) => unique.length === key.length && unique.every((c) => key.includes(c)));
}

/** What the destination has under this name; undefined when there is nothing. */
export async function describeDestination(
  client: ClientBase,
  table: TableIdentity,
): Promise<DestinationTable | undefined> {
  const [found] = await queryRows(
    client,
    foundRow,
    `SELECT c.oid, c.relkind, row_security_active(c.oid) AS security,
       (SELECT min(rulename) FROM pg_rewrite WHERE ev_class = c.oid AND ev_type > '1' AND ev_enabled IN ('O', 'A')) AS rule,
       c.relkind = 'r' AND EXISTS (SELECT FROM pg_inherits WHERE inhparent = c.oid) AS inherited FROM pg_class c
     JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = $1 AND c.relname = $2 AND c.relkind IN ('r', 'p', 'v', 'f', 'm')`,
    [table.schema, table.name],
  );
  if (found === undefined) return undefined;
  const columns = await queryRows(
    client,
    z.object({
      ...{ name: z.string(), type: z.string(), generated: pgBoolean, identity: pgBoolean },
      ...{ notNull: pgBoolean, folds: pgBoolean },
    }),
    `SELECT attname AS name, format_type(atttypid, atttypmod) AS type, attgenerated <> '' AS generated, attidentity = 'a' AS identity, attnotnull AS "notNull",
       EXISTS (SELECT FROM pg_collation l WHERE l.oid = attcollation AND NOT l.collisdeterministic) AS folds
     FROM pg_attribute WHERE attrelid = $1 AND attnum > 0 AND NOT attisdropped ORDER BY attnum`,
    [found.oid],
  );
  const indexes = await queryRows(
    client,
    z.object({ columns: pgJson(z.array(z.string())), decides: pgBoolean, ordered: pgBoolean }),
    `SELECT (SELECT json_agg(a.attname ORDER BY k.position)
             FROM unnest(i.indkey[0:i.indnkeyatts - 1]) WITH ORDINALITY k(attnum, position)
             JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum)::text AS columns,
       i.indisunique AND i.indimmediate AS decides, am.amname IN ('btree', 'brin') AS ordered
     FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am am ON am.oid = c.relam
     WHERE i.indrelid = $1 AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL`,
    [found.oid],
  );
  return {
    kind: kinds[found.relkind],
    oid: found.oid,
    inherited: found.inherited,
    rowSecurity: found.security,
    rule: found.rule,
    columns,
    uniqueKeys: indexes.filter(({ decides }) => decides).map((index) => index.columns),
    indexed: indexes.flatMap((index) => (index.ordered ? index.columns.slice(0, 1) : [])),
  };
}
