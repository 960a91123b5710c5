import type { TableConfig } from '../config/config';
import type { ActualPartitions } from '../destination/describe-partitions';
import type { HypertableLayout } from '../plan/layout';
import type { HnswIndex, TableSpec } from '../plan/table-spec';
import { formatIdentifier } from '../postgres/identifiers';

/** What is done to a table that Tidemark made once its first load is there, and what cannot be. */
export function afterLoad(
  actual: ActualPartitions,
  layout: HypertableLayout | undefined,
  hnsw: HnswIndex[],
  config: TableConfig,
): { afterLoad: NonNullable<TableSpec['afterLoad']>; warnings: string[] } {
  const isHypertable = actual.kind === 'hypertable';
  const compress =
    isHypertable && actual.compression && config.compression === 'mirror' && !!layout?.compression;
  const wanted = isHypertable && config.policies === 'mirror' ? (layout?.policies ?? []) : [];
  const isInteger = layout?.dimensions[0]?.kind === 'integer';
  // They'd ask a function of the user's what "now" is.
  const policies = wanted.filter(({ by }) => !isInteger || by === 'creation');
  const fit = policies.filter(({ kind }) => kind === 'retention' || (isHypertable && actual.compression));
  const warnings = [
    ...(policies.length < wanted.length
      ? ['policies of an integer dimension are not taken over: they need its integer_now function']
      : []),
    ...(compress && hnsw.length > 0
      ? [
          `an HNSW index (${hnsw.map(({ column }) => formatIdentifier(column)).join(', ')}) finds no rows of compressed chunks: compression: none keeps them in it`,
        ]
      : []),
  ];
  return { afterLoad: { compress, policies: fit, hnsw }, warnings };
}
