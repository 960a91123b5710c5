import { type ClientBase, escapeLiteral } from 'pg';
import type { CompressionSettings, Dimension, Partitions } from '../plan/layout';
import type { TableIdentity } from '../plan/table-spec';
import { extensionSchema } from '../postgres/extension-schema';
import { quoteIdentifier, quoteTable } from '../postgres/identifiers';

/**
 * Turns a table that was just made into a hypertable, within the caller's transaction. By the functions and settings
 * that every version from 2.11 on knows; the cursor column's index is Tidemark's own, after the first load.
 */
export async function makeHypertable(
  client: ClientBase,
  table: TableIdentity,
  { dimensions, compression }: Extract<Partitions, { kind: 'hypertable' }>,
): Promise<void> {
  const schema = quoteIdentifier((await extensionSchema(client, 'timescaledb')) ?? '');
  for (const [index, dimension] of dimensions.entries()) {
    const call = index === 0 ? 'create_hypertable' : 'add_dimension';
    const indexes = index === 0 ? ', create_default_indexes => false' : '';
    await client.query(`SELECT ${schema}.${call}($1::regclass, $2::name, ${width(dimension)}${indexes})`, [
      quoteTable(table),
      dimension.column,
    ]);
  }
  if (compression) await client.query(`ALTER TABLE ${quoteTable(table)} SET (${settings(compression)})`);
}

function width(dimension: Dimension): string {
  if (dimension.kind === 'space') return `number_partitions => ${dimension.partitions}`;
  return dimension.kind === 'time'
    ? `chunk_time_interval => '${dimension.microseconds} microseconds'::interval`
    : `chunk_time_interval => ${dimension.width}::bigint`;
}

function settings({ segmentBy, orderBy }: CompressionSettings): string {
  if (segmentBy.length === 0 && orderBy.length === 0) return 'timescaledb.compress';
  const order = orderBy.map(
    ({ column, descending, nullsFirst }) =>
      `${quoteIdentifier(column)} ${descending ? 'DESC' : 'ASC'} NULLS ${nullsFirst ? 'FIRST' : 'LAST'}`,
  );
  return [
    'timescaledb.compress',
    // Also where it is empty: left out, newer versions choose one by themselves.
    `timescaledb.compress_segmentby = ${escapeLiteral(segmentBy.map(quoteIdentifier).join(', '))}`,
    ...(order.length > 0 ? [`timescaledb.compress_orderby = ${escapeLiteral(order.join(', '))}`] : []),
  ].join(', ');
}
