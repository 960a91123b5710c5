import type { TableConfig } from '../config/config';
import type { ActualPartitions } from '../destination/describe-partitions';
import type { HypertableLayout, Policy } from '../plan/layout';
import type { HnswIndex, TableSpec } from '../plan/table-spec';
import { formatIdentifier } from '../postgres/identifiers';

interface AfterLoad {
  afterLoad: NonNullable<TableSpec['afterLoad']>;
  warnings: string[];
}

/**
 * What is done to a table that Tidemark made once its first load is there, and what cannot be. `limited` is an edition
 * of TimescaleDB without policies.
 */
export function afterLoad(
  actual: ActualPartitions,
  layout: HypertableLayout | undefined,
  hnsw: HnswIndex[],
  config: TableConfig,
  limited: boolean,
): AfterLoad {
  const compressible = actual.kind === 'hypertable' && actual.compression;
  const compress = compressible && config.compression === 'mirror' && layout?.compression !== undefined;
  const wanted = actual.kind === 'hypertable' && config.policies === 'mirror' ? layout?.policies : undefined;
  const { policies, warnings } = choosePolicies(
    (wanted ?? []).filter(({ kind }) => kind !== 'compression' || compressible),
    layout,
    limited,
  );
  if (compress && hnsw.length > 0) {
    const columns = hnsw.map(({ column }) => formatIdentifier(column)).join(', ');
    warnings.push(
      `the HNSW index (${columns}) does not cover compressed chunks, which are scanned: with compression: none it covers all`,
    );
  }
  return { afterLoad: { compress, policies, hnsw }, warnings };
}

function choosePolicies(
  wanted: Policy[],
  layout: HypertableLayout | undefined,
  limited: boolean,
): { policies: Policy[]; warnings: string[] } {
  const obstacle = limited
    ? "the destination's TimescaleDB is the Apache edition, which has none"
    : layout?.dimensions[0]?.kind === 'integer'
      ? 'of an integer dimension they need a function of yours that tells what now is'
      : undefined;
  if (obstacle === undefined || wanted.length === 0) return { policies: wanted, warnings: [] };
  return { policies: [], warnings: [`policies are not taken over: ${obstacle}`] };
}
