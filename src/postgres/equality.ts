import type { ClientBase } from 'pg';
import { z } from 'zod';
import { quoteIdentifier, quoteTable, type TableName } from './identifiers';
import { queryRows } from './query';

/** The operator, ready for SQL, by which a column's values are compared with others of its type. */
export type Equality = (column: string) => string;

/** Signs that are an operator's, and no comment among them (PostgreSQL: Lexical Structure, Operators). */
const operatorName = z.string().regex(/^(?!.*(?:--|\/\*))[-+*/<>=~!@#%^&|`?]+$/);

const operatorRow = z.object({ column: z.string(), schema: z.string(), name: operatorName });

/**
 * How a table's columns are compared at one end. A plain `=` would be looked for in pg_catalog alone: of a type of an
 * extension's it is not found there, or is another one, as that of text for citext, which no index of the key serves.
 * So where the type's default btree operator class, by which a unique index tells keys apart, has its operator in
 * another schema, that one is named.
 */
export async function readEquality(client: ClientBase, table: TableName): Promise<Equality> {
  const rows = await queryRows(
    client,
    operatorRow,
    `WITH RECURSIVE base(attname, oid, next) AS (
       SELECT a.attname, t.oid, t.typbasetype FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
       WHERE a.attrelid = $1::regclass AND a.attnum > 0
       UNION ALL SELECT base.attname, t.oid, t.typbasetype FROM base JOIN pg_type t ON t.oid = base.next)
     SELECT base.attname AS column, n.nspname AS schema, o.oprname AS name
     FROM base
     JOIN pg_opclass c ON c.opcintype = base.oid AND c.opcdefault
     JOIN pg_am m ON m.oid = c.opcmethod AND m.amname = 'btree'
     JOIN pg_amop p ON p.amopfamily = c.opcfamily AND p.amopstrategy = 3
       AND p.amoplefttype = c.opcintype AND p.amoprighttype = c.opcintype
     JOIN pg_operator o ON o.oid = p.amopopr JOIN pg_namespace n ON n.oid = o.oprnamespace
     WHERE n.nspname <> 'pg_catalog'`,
    [quoteTable(table)],
  );
  const operators = new Map(
    rows.map(({ column, schema, name }) => [column, `OPERATOR(${quoteIdentifier(schema)}.${name})`]),
  );
  return (column) => operators.get(column) ?? '=';
}
