import type { ClientBase } from 'pg';
import { z } from 'zod';
import { own } from '../plan/own';
import { parsePrintedType } from '../plan/printed-type';
import { formatIdentifier } from '../postgres/identifiers';
import { queryRows } from '../postgres/query';

/** A source column's type, as far as the destination must know it. */
export interface ColumnType {
  name: string;
  /** As format_type prints it with its modifier: `numeric(10,2)`, `public.vector(384)`, `text[]`. */
  type: string;
  /** pg_type.typname and its schema; of an array, the array type's own (`_int4`). */
  typeName: string;
  typeSchema: string;
  /** pg_type.typtype of the type, or of an array's element: b(ase), c(omposite), d(omain), e(num), r(ange), m(ultirange). */
  typeKind: string;
  isArray: boolean;
  /** Of a domain: format_type of what it is a domain over. */
  baseType: string;
  /** The extension that the type, or an array's element, belongs to. */
  extension: string | null;
}

/** These go without pgvector: a vector's text is a JSON array. */
const jsonWithoutExtension = new Set(['vector', 'halfvec']);
/** Their text is a name or number that means something else, or nothing, on another server. */
const aliases = /^reg[a-z]+$/;

/**
 * The type that each column gets at the destination: the source's own where the destination has it under the same
 * name; for an extension's type, that extension's wherever it is installed; `jsonb` for vectors where pgvector is
 * missing; `text` for everything else. Overrides win.
 */
export async function mapTypes(
  client: ClientBase,
  columns: ColumnType[],
  overrides: Record<string, string>,
): Promise<Map<string, string>> {
  const types = new Map<string, string>();
  const known = await knownTypes(client, columns);
  for (const [index, column] of columns.entries()) {
    types.set(column.name, own(overrides, column.name) ?? mapType(column, known[index] ?? undefined));
  }
  return types;
}

function mapType(column: ColumnType, schema: string | undefined): string {
  const array = column.isArray ? '[]' : '';
  const name = elementName(column);
  // Unqualified, since search_path is pg_catalog alone: a type that every server has.
  if (column.typeKind === 'd' && !column.isArray && !column.baseType.includes('.')) return column.baseType;
  if (schema === undefined || aliases.test(name)) {
    const isVector = column.extension === 'vector' && jsonWithoutExtension.has(name);
    return isVector && !column.isArray ? 'jsonb' : `text${array}`;
  }
  if (schema === column.typeSchema) return column.type;
  const modifier = parsePrintedType(column.type)?.modifier ?? '';
  // As format_type prints it, with quotes only where they are needed: it is compared with what is there.
  return `${formatIdentifier(schema)}.${formatIdentifier(name)}${modifier}${array}`;
}

function elementName({ typeName, isArray }: ColumnType): string {
  return isArray ? typeName.replace(/^_/, '') : typeName;
}

/** For each column the schema in which the destination has its type; composite types and domains count as missing. */
async function knownTypes(client: ClientBase, columns: ColumnType[]): Promise<(string | null)[]> {
  const rows = await queryRows(
    client,
    z.object({ schema: z.string().nullable() }),
    `SELECT (
       SELECT n.nspname FROM pg_type t
       JOIN pg_namespace n ON n.oid = t.typnamespace
       LEFT JOIN pg_type element ON element.typarray = t.oid
       LEFT JOIN pg_depend d ON d.classid = 'pg_type'::regclass AND d.objid = coalesce(element.oid, t.oid)
         AND d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e'
       LEFT JOIN pg_extension x ON x.oid = d.refobjid
       WHERE t.typname = wanted.name AND coalesce(element.typtype, t.typtype) IN ('b', 'e', 'r', 'm')
         AND coalesce(element.typtype, t.typtype)::text = wanted.kind
         AND CASE WHEN wanted.extension IS NULL THEN n.nspname = wanted.schema ELSE x.extname = wanted.extension END
       LIMIT 1
     ) AS schema
     FROM unnest($1::text[], $2::text[], $3::text[], $4::text[]) WITH ORDINALITY
       AS wanted(schema, name, kind, extension, position)
     ORDER BY position`,
    [
      columns.map(({ typeSchema }) => typeSchema),
      columns.map(({ typeName }) => typeName),
      columns.map(({ typeKind }) => typeKind),
      columns.map(({ extension }) => extension),
    ],
  );
  return rows.map(({ schema }) => schema);
}

/** Types whose binary form is the same in every supported PostgreSQL version, arrays of them included. */
const stableBinary = new Set([
  ...[
    'bool',
    'int2',
    'int4',
    'int8',
    'float4',
    'float8',
    'numeric',
    'text',
    'varchar',
    'bpchar',
    'bytea',
    'uuid',
  ],
  ...[
    'timestamptz',
    'timestamp',
    'date',
    'time',
    'timetz',
    'interval',
    'json',
    'jsonb',
    'inet',
    'cidr',
    'macaddr',
  ],
  ...['macaddr8', 'bit', 'varbit', 'point', 'box', 'lseg', 'path', 'polygon', 'circle', 'line'],
]);
/** The same for types of extensions, but not arrays of them: those carry OIDs, which differ between servers. */
const stableBinaryOfExtensions = new Set(['vector', 'halfvec', 'sparsevec']);

/** Whether a column's binary form can go from source to destination unread. */
export function isBinaryIdentical(column: ColumnType, destinationType: string): boolean {
  const name = elementName(column);
  if (column.extension !== null) {
    const bare = (type: string): string => type.replace(/^.*\./, '').replaceAll('"', '');
    return (
      !column.isArray && stableBinaryOfExtensions.has(name) && bare(column.type) === bare(destinationType)
    );
  }
  return column.typeSchema === 'pg_catalog' && column.type === destinationType && stableBinary.has(name);
}
