import type { ClientBase } from 'pg';
import type { ColumnConfig, TableConfig } from '../config/config';
import { hasHnsw } from '../destination/build-hnsw';
import type { HnswIndex } from '../plan/table-spec';
import { own } from '../plan/own';
import { extensionSchema } from '../postgres/extension-schema';
import { formatIdentifier } from '../postgres/identifiers';
import { readExpression, vectorType } from '../source/read-expression';
import type { SourceColumn } from '../source/describe-tables';
import type { TableChoice } from './choose-spec';
import { Problem } from './problem';

/** The most dimensions that HNSW indexes (pgvector: HNSW); a sparse vector may have any number. */
const MOST_DIMENSIONS: Record<string, number> = { vector: 2_000, halfvec: 4_000 };
/** The most that pgvector's dense types hold. */
const MOST_DENSE = 16_000;

/**
 * The configured types with pgvector's own, given without a schema, put where the destination has them, and with as
 * many dimensions as at the source. Throws {@link Problem} for what is not there, or cannot be made of what the source
 * has.
 */
export async function resolveVectorTypes(
  writer: ClientBase,
  choice: TableChoice,
  config: TableConfig,
): Promise<Record<string, string>> {
  const types = { ...config.types };
  const schema = await extensionSchema(writer, 'vector');
  for (const column of choice.columns) {
    const wanted = own(types, column.name);
    if (wanted === undefined) continue;
    const vector = vectorType(wanted);
    if (vector?.schema === '') {
      if (schema === undefined || !(await hasType(writer, schema, vector.name)))
        throw configured(
          column,
          `is to be kept as ${vector.name}, which the destination has not`,
          `Install pgvector there (CREATE EXTENSION vector;), or update it; or keep the column as jsonb or real[].`,
        );
      const dimensions = vector.dimensions ?? vectorType(column.type)?.dimensions;
      types[column.name] =
        `${formatIdentifier(schema)}.${vector.name}${dimensions === undefined ? '' : `(${dimensions})`}`;
    }
    refuseInconvertible(column, own(types, column.name) ?? wanted, own(config.columns, column.name));
  }
  return types;
}

function refuseInconvertible(column: SourceColumn, type: string, asked: ColumnConfig | undefined): void {
  const from = vectorType(column.type);
  if (from?.name === 'sparsevec' && (from.dimensions ?? 0) > MOST_DENSE && !/^text$|sparsevec/.test(type))
    throw configured(
      column,
      `has ${from.dimensions} dimensions, and only a sparsevec has more than ${MOST_DENSE}`,
      'Keep it as sparsevec, or as text (types:).',
    );
  if (asked?.as === undefined) return;
  const read = { name: column.name, sourceType: column.type, destinationType: type };
  const isConverted = readExpression(read) !== readExpression({ ...read, destinationType: column.type });
  const sameKind = from !== undefined && vectorType(type)?.name === from.name;
  const isJson = /^jsonb?$/.test(column.type) && vectorType(type) !== undefined;
  if (isConverted || sameKind || isJson || column.type === type) return;
  throw configured(
    column,
    `is ${column.type} at the source, which cannot be kept as ${type}`,
    'Take it out of columns:; types: gives a column another type.',
  );
}

/** The HNSW indexes to build. Throws {@link Problem} for one that pgvector would refuse after the whole load. */
export async function settleHnsw(
  writer: ClientBase,
  types: ReadonlyMap<string, string>,
  config: TableConfig,
): Promise<HnswIndex[]> {
  const indexes: HnswIndex[] = [];
  for (const [name, { hnsw }] of Object.entries(config.columns)) {
    const type = types.get(name);
    if (hnsw === undefined || type === undefined) continue;
    const vector = vectorType(type);
    if (vector === undefined)
      throw configured(
        { name },
        `gets no HNSW index, since it is kept as ${type}`,
        'Take hnsw out, or keep it as vector.',
      );
    const { dimensions } = vector;
    if (dimensions === undefined)
      throw configured(
        { name },
        'gets no HNSW index, since its number of dimensions is not known',
        `Write it: columns: { ${formatIdentifier(name)}: { as: ${vector.name}(384), hnsw: ${hnsw} } }.`,
      );
    if (dimensions > (MOST_DIMENSIONS[vector.name] ?? Infinity))
      throw configured(
        { name },
        `gets no HNSW index, since ${dimensions} dimensions are more than the ${MOST_DIMENSIONS[vector.name]} that it takes of ${vector.name}`,
        vector.name === 'vector' && dimensions <= 4_000
          ? 'Keep it as halfvec, or take hnsw out.'
          : 'Take hnsw out.',
      );
    const schema = (await extensionSchema(writer, 'vector')) ?? '';
    const operatorClass = { schema, name: `${vector.name}_${hnsw}_ops` };
    if (!(await hasHnsw(writer, operatorClass)))
      throw configured(
        { name },
        `gets no HNSW index, since pgvector at the destination has none of ${vector.name} by ${hnsw}`,
        'Update it (ALTER EXTENSION vector UPDATE;), or take hnsw out.',
      );
    indexes.push({ column: name, operatorClass });
  }
  return indexes;
}

async function hasType(client: ClientBase, schema: string, name: string): Promise<boolean> {
  const found = await client.query(
    `SELECT FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace WHERE n.nspname = $1 AND typname = $2`,
    [schema, name],
  );
  return found.rows.length > 0;
}

function configured({ name }: { name: string }, what: string, remedy: string): Problem {
  return new Problem('Configuration', `column ${formatIdentifier(name)} ${what}`, remedy);
}
