import type { PoolClient } from 'pg';
import { configuredTables } from '../activities/configured-tables';
import type { TableConfig } from '../config/config';
import { formatName, type TableName } from '../postgres/identifiers';
import { describeTables, type SourceTable } from '../source/describe-tables';
import { missingGrantsOfEach } from '../source/grants';
import { listTables } from '../source/list-tables';
import { propose } from '../source/propose';
import { readNullFractions } from '../source/read-null-fractions';
import { readSizes } from '../source/read-sizes';
import { type DiscoveredTable, discoveredTable } from './discovered-table';
import type { ProposedTable } from './config-template';

/** How long a catalog query may wait for somebody's exclusive lock; what it would take itself stands in nobody's way. */
const LOCK_TIMEOUT = '5s';

export interface Discovery {
  /** The largest first, those of unknown size last. */
  tables: { shown: DiscoveredTable; proposed: ProposedTable }[];
}

/** What the source's catalog tells of its tables: a handful of queries however many there are. No row is read. */
export async function discoverSource(
  client: PoolClient,
  { schemas, configured }: { schemas: readonly string[] | undefined; configured: TableConfig[] },
): Promise<Discovery> {
  await client.query(`SET lock_timeout = '${LOCK_TIMEOUT}'`);
  const existing = await listTables(client);
  const wanted = existing.filter(({ schema }) => schemas?.includes(schema) ?? true);
  const described = await describeTables(client, wanted);
  const proposals = described.map(propose);
  const sizes = await readSizes(client, described);
  const nullFractions = await readNullFractions(
    client,
    described.map((table, i) => ({ table, column: proposals[i]?.cursor ?? '' })),
  );
  const grants = await readGrants(client, described);
  const known = new Set(configuredTables({ tables: configured }, existing).map(({ name }) => name));
  const tables = described.map((table, i) => {
    const proposal = proposals[i] ?? propose(table);
    const name = formatName(table);
    const shown = discoveredTable(table, {
      proposal,
      size: sizes[i],
      nullFraction: nullFractions[i],
      missingGrants: grants.get(name) ?? [],
      configured: known.has(name),
    });
    return { shown, proposed: { table, ...proposal } };
  });
  return { tables: tables.sort((a, b) => sizeOf(b.shown) - sizeOf(a.shown)) };
}

function sizeOf({ uncompressedBytes }: DiscoveredTable): number {
  return uncompressedBytes ?? -1;
}

async function readGrants(
  client: PoolClient,
  described: readonly SourceTable[],
): Promise<Map<string, string[]>> {
  const rows: (TableName & { missing: string[] })[] = await missingGrantsOfEach(
    client,
    described.map((table) => ({ table, columns: table.columns.map(({ name }) => name) })),
  );
  return new Map(rows.map((row) => [formatName(row), row.missing]));
}
