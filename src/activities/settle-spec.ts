import type { ClientBase } from 'pg';
import type { TableConfig } from '../config/config';
import { evolveTable } from '../destination/evolve-table';
import { isBinaryIdentical, mapTypes } from '../destination/map-types';
import type { Checkpoint } from '../destination/read-checkpoint';
import type { TableSpec } from '../plan/table-spec';
import { formatName } from '../postgres/identifiers';
import type { SourceTable } from '../source/describe-tables';
import type { TableChoice } from './choose-spec';
import { Problem } from './problem';
import { wantedTable } from './wanted-table';

/** Makes or checks the destination's table, and writes down how rows get there. */
export async function settleSpec(
  writer: ClientBase,
  described: SourceTable,
  choice: TableChoice,
  config: TableConfig,
  checkpoint: Checkpoint | undefined,
): Promise<TableSpec> {
  if (checkpoint?.spec && checkpoint.planned != null) refuseOtherMeaning(checkpoint.spec, choice);
  const types = await mapTypes(writer, choice.columns, config.types);
  const evolved = await evolveTable(writer, wantedTable(choice, config, types, checkpoint));
  const columns = choice.columns.filter(({ name }) => evolved.columns.has(name));
  return {
    source: { schema: described.schema, name: described.name },
    destination: choice.destination,
    columns: columns.map(({ name, type }) => ({
      name,
      sourceType: type,
      destinationType: evolved.columns.get(name) ?? type,
    })),
    cursor: { column: choice.cursor.column, kind: choice.cursor.kind },
    key: choice.key,
    mode: choice.mode,
    keyUnique: choice.keyUnique,
    binary: columns.every((column) => isBinaryIdentical(column, evolved.columns.get(column.name) ?? '')),
    wide: described.large && columns.some(({ toastable }) => toastable),
    firstLoad: checkpoint?.watermark == null,
    createdHere: evolved.createdHere,
    cursorIndexed: evolved.cursorIndexed,
  };
}

/** A position means nothing once the cursor column is another one, and rows written by another key or mode don't mix. */
function refuseOtherMeaning(before: TableSpec, choice: TableChoice): void {
  const changes = [
    before.cursor.column === choice.cursor.column && before.cursor.kind === choice.cursor.kind
      ? ''
      : 'cursor column',
    before.mode === choice.mode ? '' : 'mode',
    before.key.join() === choice.key.join() ? '' : 'key',
    formatName(before.destination) === formatName(choice.destination) ? '' : 'target',
  ].filter(Boolean);
  if (changes.length === 0) return;
  throw new Problem(
    'Drift',
    `its ${changes.join(' and ')} changed since rows were last copied`,
    'Change the configuration back, or copy the table anew: `tidemark resync --table …`, after emptying the target.',
  );
}
