import type { ClientBase } from 'pg';
import type { TableConfig } from '../config/config';
import { describePartitions } from '../destination/describe-partitions';
import { evolveTable, type WantedTable } from '../destination/evolve-table';
import { isBinaryIdentical, mapTypes } from '../destination/map-types';
import { ensureSoftColumn } from '../destination/soft-column';
import { findUnknownType } from '../destination/unknown-types';
import type { Checkpoint, CheckpointKey } from '../destination/read-checkpoint';
import { formatCursorValue, parseCursorValue } from '../plan/cursor-value';
import type { HypertableLayout } from '../plan/layout';
import { plannedBefore, plannedBelow } from '../plan/planned-before';
import { isPrintedType } from '../plan/printed-type';
import type { HnswIndex, TableSpec } from '../plan/table-spec';
import { formatIdentifier, formatName } from '../postgres/identifiers';
import type { SourceTable } from '../source/describe-tables';
import { afterLoad } from './after-load';
import { choosePartitions, isLimited, partitionWidth } from './choose-partitions';
import type { TableChoice } from './choose-spec';
import { startInTicks } from './bounds';
import { chunksOf } from './chunks-of';
import { Problem } from './problem';
import { resolveVectorTypes, settleHnsw } from './settle-vectors';
import { specBefore, wantedTable } from './wanted-table';

export interface SettledSpec {
  spec: TableSpec;
  /** The destination's table was made just now. */
  created: boolean;
  warnings: string[];
}

/** Makes or checks the destination's table, and writes down how rows get there. */
export async function settleSpec(
  writer: ClientBase,
  key: CheckpointKey,
  described: SourceTable,
  layout: HypertableLayout | undefined,
  choice: TableChoice,
  config: TableConfig,
  checkpoint: Checkpoint | undefined,
): Promise<SettledSpec> {
  const types = await settleTypes(writer, choice, config);
  const hnsw = await settleHnsw(writer, types, config);
  const chosen = await choosePartitions(writer, layout, choice, config, types);
  const wanted = wantedTable(choice, config, types, checkpoint, chosen.partitions);
  const evolved = await evolveTable(writer, key, wanted);
  if (typeof choice.deletes === 'object')
    await ensureSoftColumn(writer, choice.destination, choice.deletes.soft);
  const own = evolved.createdHere
    ? await settleOwnTable(writer, layout, choice, config, hnsw)
    : { warnings: [] };
  const columns = choice.columns.filter(({ name }) => evolved.columns.has(name));
  const { warnings, ...ours } = own;
  const keyLater = evolved.created
    ? isKeyLater(described, wanted, choice)
    : wanted.keyLater && !evolved.keyed;
  const spec: TableSpec = {
    source: { schema: described.schema, name: described.name },
    destination: choice.destination,
    columns: columns.map(({ name, type }) => ({
      name,
      sourceType: type,
      destinationType: evolved.columns.get(name) ?? type,
    })),
    cursor: { column: choice.cursor.column, kind: choice.cursor.kind },
    ...settleStart(choice, config, checkpoint),
    key: choice.key,
    mode: choice.mode,
    keyUnique: choice.keyUnique,
    binary: columns.every((column) => isBinaryIdentical(column, evolved.columns.get(column.name) ?? '')),
    wide: described.large && columns.some(({ toastable }) => toastable),
    firstLoad: checkpoint?.watermark == null,
    createdHere: evolved.createdHere,
    ...(keyLater && { keyLater }),
    cursorIndexed: evolved.cursorIndexed,
    chunks: chunksOf(described, choice.cursor.column),
    retention: config.retention,
    deletes: choice.deletes,
    deleteLimit: config.deleteLimit,
    ...ours,
  };
  return {
    spec,
    created: evolved.created,
    warnings: [
      ...evolved.added.map((column) => addedColumn(column, described)),
      ...(evolved.created ? [...chosen.warnings, ...warnings] : []),
    ],
  };
}

/** Where it begins, and what is to be known of the rows below that, should the start move down again. */
function settleStart(
  choice: TableChoice,
  config: TableConfig,
  checkpoint: Checkpoint | undefined,
): Pick<TableSpec, 'start' | 'plannedBelow' | 'staleBelow'> {
  const { column, kind } = choice.cursor;
  const start = startInTicks(kind, config.start);
  const before = specBefore(choice, checkpoint);
  const forgotten = checkpoint?.planned == null;
  const upper = checkpoint?.planned ?? checkpoint?.rewriteBelow ?? undefined;
  // After a resync by another cursor column everything is rewritten, for good.
  const comparable = before?.cursor.column === column && before.cursor.kind === kind;
  const below =
    comparable && upper !== undefined
      ? plannedBelow(kind, plannedBefore(before, parseCursorValue(kind, upper)), start)
      : undefined;
  return {
    start: formatCursorValue(kind, start),
    ...(below && !forgotten && { plannedBelow: below }),
    ...((before?.staleBelow === true || (below && forgotten)) && { staleBelow: true }),
  };
}

/** From so many rows on, building the key once is faster than keeping it up to date row by row. */
const KEY_LATER_FROM = 100_000;

/**
 * Whether a first load is to be faster without the key. Not of hypertables and partitions, each of whose indexes is
 * small enough to stay in memory, and which need unique ones for as long as they have rows.
 */
function isKeyLater(
  { estimatedRows }: SourceTable,
  { mode, partitions }: WantedTable,
  { keyUnique }: TableChoice,
): boolean {
  return (
    mode === 'upsert' && keyUnique && partitions.kind === 'none' && (estimatedRows ?? 0) >= KEY_LATER_FROM
  );
}

/** What is done to a table that Tidemark made, as it is by now. */
async function settleOwnTable(
  writer: ClientBase,
  layout: HypertableLayout | undefined,
  choice: TableChoice,
  config: TableConfig,
  hnsw: HnswIndex[],
): Promise<Pick<TableSpec, 'afterLoad' | 'partitionWidth'> & { warnings: string[] }> {
  const actual = await describePartitions(writer, choice.destination);
  const isNative = actual.kind === 'native' && actual.column === choice.cursor.column;
  return {
    ...afterLoad(actual, layout, hnsw, config, await isLimited(writer)),
    ...(isNative && { partitionWidth: String(partitionWidth(layout, choice, config)) }),
  };
}

/**
 * The columns' types at the destination. Throws {@link Problem} where the configuration names one that it has not, and
 * where the source gives what is no type's name.
 */
export async function settleTypes(
  writer: ClientBase,
  choice: TableChoice,
  config: TableConfig,
): Promise<Map<string, string>> {
  refuseCrafted(choice);
  const overrides = await resolveVectorTypes(writer, choice, config);
  const unknown = await findUnknownType(writer, overrides);
  if (unknown) {
    throw new Problem(
      'Configuration',
      `types: gives ${formatIdentifier(unknown.column)} the type ${unknown.type}, which the destination has not`,
      "Correct it; a type that is not one of PostgreSQL's own is written with its schema, such as public.vector(3).",
    );
  }
  return mapTypes(writer, choice.columns, overrides);
}

/** The text is not repeated: it may be made for whoever reads it. */
function refuseCrafted({ columns }: TableChoice): void {
  const crafted = columns.find(({ type, baseType }) => !isPrintedType(type) || !isPrintedType(baseType));
  if (crafted === undefined) return;
  throw new Problem(
    'Configuration',
    `what the source gives as the type of column ${formatIdentifier(crafted.name)} is not a type's name, and never becomes SQL`,
    'Find out who answers there, and what its catalog says of that column; exclude it to copy the others.',
  );
}

function addedColumn(column: string, table: SourceTable): string {
  return `column ${formatIdentifier(column)} was added at the destination; rows copied before have it empty: \`tidemark resync --table ${formatName(table)}\` copies them again`;
}
