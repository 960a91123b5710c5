import type { ClientBase } from 'pg';
import type { TableConfig } from '../config/config';
import { evolveTable } from '../destination/evolve-table';
import { isBinaryIdentical, mapTypes } from '../destination/map-types';
import { ensureSoftColumn } from '../destination/soft-column';
import { findUnknownType } from '../destination/unknown-types';
import type { Checkpoint } from '../destination/read-checkpoint';
import { formatCursorValue } from '../plan/cursor-value';
import type { TableSpec } from '../plan/table-spec';
import { formatIdentifier, formatName } from '../postgres/identifiers';
import type { SourceTable } from '../source/describe-tables';
import type { TableChoice } from './choose-spec';
import { startInTicks } from './bounds';
import { chunksOf } from './chunks-of';
import { Problem } from './problem';
import { wantedTable } from './wanted-table';

export interface SettledSpec {
  spec: TableSpec;
  warnings: string[];
}

/** Makes or checks the destination's table, and writes down how rows get there. */
export async function settleSpec(
  writer: ClientBase,
  described: SourceTable,
  choice: TableChoice,
  config: TableConfig,
  checkpoint: Checkpoint | undefined,
): Promise<SettledSpec> {
  const types = await settleTypes(writer, choice, config);
  const evolved = await evolveTable(writer, wantedTable(choice, config, types, checkpoint));
  if (typeof choice.deletes === 'object')
    await ensureSoftColumn(writer, choice.destination, choice.deletes.soft);
  const columns = choice.columns.filter(({ name }) => evolved.columns.has(name));
  const spec = {
    source: { schema: described.schema, name: described.name },
    destination: choice.destination,
    columns: columns.map(({ name, type }) => ({
      name,
      sourceType: type,
      destinationType: evolved.columns.get(name) ?? type,
    })),
    cursor: { column: choice.cursor.column, kind: choice.cursor.kind },
    start: formatCursorValue(choice.cursor.kind, startInTicks(choice.cursor.kind, config.start)),
    key: choice.key,
    mode: choice.mode,
    keyUnique: choice.keyUnique,
    binary: columns.every((column) => isBinaryIdentical(column, evolved.columns.get(column.name) ?? '')),
    wide: described.large && columns.some(({ toastable }) => toastable),
    firstLoad: checkpoint?.watermark == null,
    createdHere: evolved.createdHere,
    cursorIndexed: evolved.cursorIndexed,
    chunks: chunksOf(described, choice.cursor.column),
    retention: config.retention,
    deletes: choice.deletes,
    deleteLimit: config.deleteLimit,
  };
  return { spec, warnings: evolved.added.map((column) => addedColumn(column, described)) };
}

/** The columns' types at the destination. Throws {@link Problem} where the configuration names one that it has not. */
export async function settleTypes(
  writer: ClientBase,
  choice: TableChoice,
  config: TableConfig,
): Promise<Map<string, string>> {
  const unknown = await findUnknownType(writer, config.types);
  if (unknown) {
    throw new Problem(
      'Configuration',
      `types: gives ${formatIdentifier(unknown.column)} the type ${unknown.type}, which the destination has not`,
      "Correct it; a type that is not one of PostgreSQL's own is written with its schema, such as public.vector(3).",
    );
  }
  return mapTypes(writer, choice.columns, config.types);
}

function addedColumn(column: string, table: SourceTable): string {
  return `column ${formatIdentifier(column)} was added at the destination; rows copied before have it empty: \`tidemark resync --table ${formatName(table)}\` copies them again`;
}
