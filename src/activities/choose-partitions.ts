import type { ClientBase } from 'pg';
import type { TableConfig } from '../config/config';
import { type CursorKind, durationInTicks, isTime, ticksToMicroseconds } from '../plan/cursor-value';
import type { Dimension, HypertableLayout, Partitions } from '../plan/layout';
import { extensionSchema } from '../postgres/extension-schema';
import { formatIdentifier } from '../postgres/identifiers';
import type { TableChoice } from './choose-spec';
import { Problem } from './problem';

const DEFAULT_INTERVAL_MS = 7 * 86_400_000;

export interface PartitionChoice {
  partitions: Partitions;
  /** What a table that is made by this will lack, though the source has it. */
  warnings: string[];
}

/**
 * What the destination's table is parted into, if Tidemark makes it. Throws {@link Problem} where what is asked for in
 * so many words cannot be; what is only the default gives way, with a warning.
 */
export async function choosePartitions(
  writer: ClientBase,
  layout: HypertableLayout | undefined,
  choice: TableChoice,
  config: TableConfig,
  types: ReadonlyMap<string, string>,
): Promise<PartitionChoice> {
  const asked = config.partitions;
  const plain: PartitionChoice = { partitions: { kind: 'none' }, warnings: [] };
  if (asked === 'none' || (asked === undefined && layout === undefined)) return plain;
  if (asked === 'native') {
    refuseKeyWithout([choice.cursor.column], choice, 'native');
    partitionWidth(layout, choice, config);
    return { ...plain, partitions: { kind: 'native' } };
  }
  if ((await extensionSchema(writer, 'timescaledb')) === undefined) {
    if (asked === undefined) return plain;
    throw problem(
      'a hypertable is asked for, and the destination has no TimescaleDB',
      'CREATE EXTENSION timescaledb; there, or choose partitions: native or none.',
    );
  }
  const dimensions = chooseDimensions(layout, choice, config);
  const obstacle = obstacleTo(dimensions, choice, types);
  if (obstacle !== undefined) {
    if (asked !== undefined)
      throw problem(`its target cannot be a hypertable: ${obstacle.what}`, obstacle.remedy);
    return { ...plain, warnings: [`the target is a plain table, not a hypertable: ${obstacle.what}`] };
  }
  const { compression, warnings } = chooseCompression(layout, choice, config, await isLimited(writer));
  return { partitions: { kind: 'hypertable', dimensions, compression }, warnings };
}

/** How wide native partitions are, in ticks of the cursor column. Throws {@link Problem} where that is not known. */
export function partitionWidth(
  layout: HypertableLayout | undefined,
  { cursor: { column, kind } }: TableChoice,
  config: TableConfig,
): bigint {
  const configured = configuredInterval(kind, config);
  if (configured) return 'ticks' in configured ? configured.ticks : durationInTicks(kind, configured.ms);
  const primary = layout?.dimensions[0];
  if (primary?.column === column && primary.kind === 'integer') return primary.width;
  if (primary?.column === column && primary.kind === 'time')
    return durationInTicks(kind, Number(primary.microseconds) / 1000);
  if (isTime(kind)) return durationInTicks(kind, DEFAULT_INTERVAL_MS);
  throw noInterval();
}

function chooseDimensions(
  layout: HypertableLayout | undefined,
  { columns, cursor }: TableChoice,
  config: TableConfig,
): Dimension[] {
  const [primary, ...others] = layout?.dimensions ?? [];
  const column = primary?.column ?? cursor.column;
  const isTimes = primary ? primary.kind === 'time' : isTime(cursor.kind);
  const kind: CursorKind = !isTimes
    ? 'bigint'
    : columns.find(({ name }) => name === column)?.type === 'date'
      ? 'date'
      : 'timestamptz';
  const configured = configuredInterval(kind, config);
  if (!configured && primary) return [primary, ...others];
  if (!configured && !isTimes) throw noInterval();
  if (configured && 'ticks' in configured)
    return [{ column, kind: 'integer', width: configured.ticks }, ...others];
  const ticks = durationInTicks(kind, configured?.ms ?? DEFAULT_INTERVAL_MS);
  return [{ column, kind: 'time', microseconds: ticksToMicroseconds(kind, ticks) }, ...others];
}

function configuredInterval(
  kind: CursorKind,
  { chunkInterval }: TableConfig,
): { ms: number } | { ticks: bigint } | undefined {
  if (chunkInterval === undefined) return undefined;
  if ('ticks' in chunkInterval !== isTime(kind))
    return 'ticks' in chunkInterval ? { ticks: BigInt(chunkInterval.ticks) } : chunkInterval;
  const wanted = isTime(kind) ? 'a duration, such as 7 days' : 'a whole number';
  throw problem(
    `chunkInterval does not fit a column of ${isTime(kind) ? 'times' : 'integers'}`,
    `Give ${wanted}.`,
  );
}

function obstacleTo(
  dimensions: Dimension[],
  { columns, key, mode }: TableChoice,
  types: ReadonlyMap<string, string>,
): { what: string; remedy: string } | undefined {
  const names = dimensions.map(({ column }) => column);
  const excluded = names.find((name) => !columns.some((column) => column.name === name));
  if (excluded !== undefined)
    return {
      what: `its dimension ${formatIdentifier(excluded)} is excluded`,
      remedy: 'Take it out of exclude, or choose partitions: none.',
    };
  const primary = columns.find(({ name }) => name === names[0]);
  if (primary && ![primary.type, primary.baseType].includes(types.get(primary.name) ?? ''))
    return {
      what: `its dimension ${formatIdentifier(primary.name)} is ${types.get(primary.name) ?? 'unknown'} there`,
      remedy: 'Leave its type as it is, or choose partitions: none.',
    };
  const lacking = mode === 'upsert' ? names.find((name) => !key.includes(name)) : undefined;
  if (lacking !== undefined)
    return {
      what: `its key (${key.map(formatIdentifier).join(', ')}) has not the dimension ${formatIdentifier(lacking)}, as a hypertable's has to`,
      remedy: 'Choose a key with it, another mode, or partitions: none.',
    };
  return undefined;
}

function chooseCompression(
  layout: HypertableLayout | undefined,
  { columns }: TableChoice,
  { compression }: TableConfig,
  limited: boolean,
): { compression: HypertableLayout['compression']; warnings: string[] } {
  const settings = compression === 'mirror' ? layout?.compression : undefined;
  if (settings && limited)
    return {
      compression: undefined,
      warnings: [
        'chunks of the target are not compressed: its TimescaleDB is the Apache edition, which cannot',
      ],
    };
  const used = [...(settings?.segmentBy ?? []), ...(settings?.orderBy ?? []).map(({ column }) => column)];
  const excluded = used.find((name) => !columns.some((column) => column.name === name));
  if (excluded === undefined) return { compression: settings, warnings: [] };
  const what = `its columnstore settings name the column ${formatIdentifier(excluded)}, which is excluded`;
  return { compression: undefined, warnings: [`chunks of the target are not compressed: ${what}`] };
}

/** The Apache edition has hypertables, and neither compression nor policies (TimescaleDB: editions). */
export async function isLimited(client: ClientBase): Promise<boolean> {
  const found = await client.query(`SELECT WHERE current_setting('timescaledb.license', true) = 'apache'`);
  return found.rows.length > 0;
}

function refuseKeyWithout(columns: string[], { key, mode }: TableChoice, partitions: string): void {
  const lacking = mode === 'upsert' ? columns.find((column) => !key.includes(column)) : undefined;
  if (lacking === undefined) return;
  throw problem(
    `with partitions: ${partitions} its key (${key.map(formatIdentifier).join(', ')}) has to hold ${formatIdentifier(lacking)}, by which rows are parted`,
    'Choose a key with it, another mode, or partitions: none.',
  );
}

function noInterval(): Problem {
  return problem(
    'chunkInterval is needed to part a table by an integer column',
    'Give how many of its values make a chunk, such as chunkInterval: 100000.',
  );
}

function problem(what: string, remedy: string): Problem {
  return new Problem('Configuration', what, remedy);
}
