import { formatIdentifier, formatName } from '../postgres/identifiers';
import type { SourceTable } from '../source/describe-tables';
import type { Proposal } from '../source/propose';
import type { TableSize } from '../source/read-sizes';

/** A table of the source as `discover` shows it; with `--json` as it is. Sizes in bytes; null is unknown, or none. */
export interface DiscoveredTable {
  table: string;
  kind: SourceTable['kind'];
  /** By the planner's statistics. */
  rows: number | null;
  bytes: number | null;
  /** What `bytes` would be without compression. */
  uncompressedBytes: number | null;
  chunks: number | null;
  compressedChunks: number | null;
  configured: boolean;
  cursor: string | null;
  cursorReason: string;
  /** Whether an index begins with the cursor column. */
  indexed: boolean;
  key: string[];
  vectors: { column: string; type: string; dimensions: number | null }[];
  /** How long reading it once may take, in milliseconds. */
  loadMs: number | null;
  warnings: string[];
}

/** What is known of a table beyond what the catalog says. */
export interface TableFacts {
  proposal: Proposal;
  size: TableSize | undefined;
  /** Part of the cursor column's values, from 0 to 1. */
  nullFraction: number | undefined;
  missingGrants: string[];
  configured: boolean;
}

export function discoveredTable(table: SourceTable, facts: TableFacts): DiscoveredTable {
  const { proposal, size, configured } = facts;
  const { cursor } = proposal;
  return {
    table: formatName(table),
    kind: table.kind,
    rows: table.estimatedRows ?? null,
    bytes: size?.bytes ?? null,
    uncompressedBytes: size?.uncompressed ?? null,
    chunks: table.hypertable?.chunks ?? null,
    compressedChunks: table.hypertable?.compressedChunks ?? null,
    configured,
    cursor: cursor ?? null,
    cursorReason: proposal.reason,
    indexed: isIndexed(table, cursor),
    key: proposal.key,
    vectors: vectorsOf(table),
    loadMs: null,
    warnings: warningsOf(table, facts),
  };
}

/** A continuous aggregate's index is its materialization's, which always has one on the bucket. */
function isIndexed({ kind, indexedColumns, hypertable }: SourceTable, cursor: string | undefined): boolean {
  if (cursor === undefined) return false;
  if (kind === 'continuous aggregate') return cursor === hypertable?.timeColumn;
  return indexedColumns.includes(cursor);
}

/** pgvector's types; of one without a modifier every row may have its own dimensions. */
function vectorsOf({ columns }: SourceTable): DiscoveredTable['vectors'] {
  return columns
    .filter(({ extension, isArray }) => extension === 'vector' && !isArray)
    .map(({ name, type, typeName }) => {
      const dimensions = /\((\d+)\)$/.exec(type)?.[1];
      const bare = dimensions === undefined ? typeName : `${typeName}(${dimensions})`;
      return { column: name, type: bare, dimensions: dimensions === undefined ? null : Number(dimensions) };
    });
}

function warningsOf(table: SourceTable, { proposal, nullFraction, missingGrants }: TableFacts): string[] {
  const { cursor, reason, key } = proposal;
  const warnings = missingGrants.map((grant) => `the role may not read it: ${grant}`);
  if (table.rowSecurity) warnings.push('row-level security filters what this role reads');
  if (cursor === undefined) return [...warnings, `nothing proposes itself as the cursor column: ${reason}`];
  const column = formatIdentifier(cursor);
  const notNull = table.columns.some(({ name, notNull: strict }) => name === cursor && strict);
  const stored = table.kind !== 'view' && table.kind !== 'foreign table';
  if (!notNull && stored && table.kind !== 'continuous aggregate')
    warnings.push(
      nullFraction === undefined || nullFraction === 0
        ? `${column} may be NULL: such rows are counted, not copied`
        : `about ${percent(nullFraction)} of the rows have no ${column}: they are counted, not copied`,
    );
  if (stored && !isIndexed(table, cursor))
    warnings.push(`no index begins with ${column}: every run looks at the whole table`);
  if (key.length === 0)
    warnings.push('nothing tells its rows apart: without a key, intervals are replaced as a whole');
  return warnings;
}

function percent(part: number): string {
  return part < 0.01 ? 'one percent or less' : `${Math.round(part * 100)} %`;
}
