import type { ClientBase } from 'pg';
import { choosePartitions, partitionWidth } from '../activities/choose-partitions';
import { settleHnsw } from '../activities/settle-vectors';
import { isTime, ticksToMilliseconds } from '../plan/cursor-value';
import type { Dimension, Partitions } from '../plan/layout';
import { formatIdentifier } from '../postgres/identifiers';
import type { SoundTable } from './check-source';
import { type Finding, info, warning } from './finding';
import { formatDuration } from './format';

export interface Parts {
  /** What the target will be, to follow on "is made". */
  what: string;
  findings: Finding[];
  /** The keys of the configuration that are for such a target only. */
  asked: string[];
}

/** What a target is parted into that the first sync makes, and what it will lack. @throws Problem as the sync would */
export async function checkPartitions(
  client: ClientBase,
  { name, config, choice, layout }: Pick<SoundTable, 'name' | 'config' | 'choice' | 'layout'>,
  types: ReadonlyMap<string, string>,
): Promise<Parts> {
  const { partitions, warnings } = await choosePartitions(client, layout, choice, config, types);
  const hnsw = await settleHnsw(client, types, config);
  const indexes = hnsw.map(({ column }) => formatIdentifier(column)).join(', ');
  const indexed = hnsw.length > 0 ? `, with an HNSW index (${indexes}) after the first load` : '';
  const policies =
    partitions.kind === 'hypertable' && config.policies === 'mirror' && layout?.policies.length
      ? `, with its policies (${layout.policies.map(({ kind }) => kind).join(', ')}) after the first load`
      : '';
  const remedy = 'Say partitions: none where that is meant.';
  const lacks = layout !== undefined && partitions.kind === 'none' && config.partitions === undefined;
  return {
    asked: [
      ...(['partitions', 'chunkInterval'] as const).filter((key) => config[key] !== undefined),
      ...(config.policies === 'mirror' ? ['policies'] : []),
      ...(hnsw.length > 0 ? ['hnsw'] : []),
    ],
    what: `${describe(partitions)}${policies}${indexed}`,
    findings: [
      ...warnings.map((what) => warning(name, what, remedy)),
      ...(lacks && warnings.length === 0
        ? [
            info(
              name,
              'the source is a hypertable, and the destination has no TimescaleDB to make one',
              `CREATE EXTENSION timescaledb; there, or part it with partitions: native, or say partitions: none.`,
            ),
          ]
        : []),
    ],
  };

  function describe(parts: Partitions): string {
    if (parts.kind === 'none') return 'as a plain table';
    const { kind, column } = choice.cursor;
    if (parts.kind === 'native') {
      const width = partitionWidth(layout, choice, config);
      const shown = isTime(kind) ? formatDuration(ticksToMilliseconds(kind, width)) : String(width);
      return `in native partitions of ${shown} by ${formatIdentifier(column)}`;
    }
    const compressed = parts.compression ? ', compressed as at the source' : '';
    return `as a hypertable (${parts.dimensions.map(describeDimension).join(', ')})${compressed}`;
  }
}

function describeDimension(dimension: Dimension): string {
  const column = formatIdentifier(dimension.column);
  if (dimension.kind === 'space') return `${dimension.partitions} partitions of ${column}`;
  return dimension.kind === 'time'
    ? `chunks of ${formatDuration(Number(dimension.microseconds / 1000n))} by ${column}`
    : `chunks of ${dimension.width} by ${column}`;
}
