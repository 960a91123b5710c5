import type { TableConfig } from '../config/config';
import type { WantedTable } from '../destination/evolve-table';
import type { Partitions } from '../plan/layout';
import type { Checkpoint, MadeTable } from '../destination/read-checkpoint';
import type { TableSpec } from '../plan/table-spec';
import { formatName } from '../postgres/identifiers';
import type { TableChoice } from './choose-spec';

/** How the table's rows were written before, if that was into the same target. */
export function specBefore(choice: TableChoice, checkpoint: Checkpoint | undefined): TableSpec | undefined {
  const before = checkpoint?.spec ?? undefined;
  return before && formatName(before.destination) === formatName(choice.destination) ? before : undefined;
}

/** What the target was made as, where a crash came before its first plan. */
function madeBefore({ destination }: TableChoice, checkpoint: Checkpoint | undefined): MadeTable | undefined {
  const made = checkpoint?.made ?? undefined;
  return made && formatName(made.destination) === formatName(destination) ? made : undefined;
}

/** What the destination's table has to be. `types` is column name → type there. */
export function wantedTable(
  choice: TableChoice,
  config: TableConfig,
  types: ReadonlyMap<string, string>,
  checkpoint: Checkpoint | undefined,
  partitions: Partitions = { kind: 'none' },
): WantedTable {
  const before = specBefore(choice, checkpoint);
  const made = madeBefore(choice, checkpoint);
  return {
    name: choice.destination,
    columns: choice.columns.map(({ name, type, typeKind, isArray, baseType }) => ({
      name,
      type: types.get(name) ?? 'text',
      chosen: Object.hasOwn(config.types, name),
      sourceType: typeKind === 'd' && !isArray ? baseType : type,
    })),
    key: choice.key,
    nullableKey: choice.columns
      .filter(({ name, notNull }) => choice.key.includes(name) && !notNull)
      .map(({ name }) => name),
    cursor: choice.cursor,
    mode: choice.mode,
    partitions,
    knownColumns: before?.columns.map(({ name }) => name) ?? made?.columns,
    createdHere: before?.createdHere ?? made !== undefined,
    keyLater: checkpoint?.watermark == null && before?.keyLater === true,
    mayCreate: checkpoint?.planned == null,
  };
}
