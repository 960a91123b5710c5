import type { PoolClient } from 'pg';
import { describeTransaction } from '../activities/describe-transaction';
import type { TableChoice } from '../activities/choose-spec';
import { configuredTables } from '../activities/configured-tables';
import type { Config, TableConfig } from '../config/config';
import { ticksToMilliseconds } from '../plan/cursor-value';
import type { HypertableLayout } from '../plan/layout';
import { quoteIdentifier } from '../postgres/identifiers';
import { describeTables, type SourceTable } from '../source/describe-tables';
import { readHypertableLayout } from '../source/read-hypertable-layout';
import { readIdentity } from '../source/read-identity';
import { listTables } from '../source/list-tables';
import { readHorizon } from '../source/read-horizon';
import { type Versions, readVersions } from '../source/versions';
import { type Finding, info, warning } from './finding';
import { formatDuration } from './format';
import { checkTable } from './check-table';
import { checkVersions } from './check-versions';
import { placeOf } from './with-session';

/** A table that the source has as the configuration wants it. */
export interface SoundTable {
  name: string;
  config: TableConfig;
  choice: TableChoice;
  described: SourceTable;
  /** Of a hypertable. */
  layout: HypertableLayout | undefined;
  /** Which database the source is. */
  identity: string;
}

/** The horizon is held back by less than this every now and then; only longer is worth a warning. */
const HELD_BACK_MS = 10 * 60_000;

/** Looks at everything that a sync needs of the source. */
export async function checkSource(
  client: PoolClient,
  config: Config,
): Promise<{ findings: Finding[]; tables: SoundTable[] }> {
  const where = placeOf(config, 'source');
  const versions = await readVersions(client);
  const findings = [
    ...checkVersions(versions, where),
    ...(await checkHorizon(client, config, versions, where)),
  ];
  const configured = configuredTables(config, await listTables(client));
  const matched = new Set(configured.map((table) => table.config));
  for (const table of config.tables)
    if (!matched.has(table))
      findings.push(
        warning(
          table.written,
          'this pattern matches no table of the source',
          'Correct it, or take it out of the configuration.',
        ),
      );
  const described = await describeTables(
    client,
    configured.map(({ table }) => table),
  );
  const identity = await readIdentity(client);
  const tables: SoundTable[] = [];
  for (const one of configured) {
    const source = described.find(
      ({ schema, name }) => schema === one.table.schema && name === one.table.name,
    );
    const checked = await checkTable(client, one, source);
    findings.push(...checked.findings);
    if (!checked.choice || !source) continue;
    const layout = source.kind === 'hypertable' ? await readHypertableLayout(client, source) : undefined;
    tables.push({ ...one, identity, choice: checked.choice, described: source, layout });
  }
  return { findings, tables };
}

async function checkHorizon(
  client: PoolClient,
  config: Config,
  { role, readsAllStats }: Versions,
  where: string,
): Promise<Finding[]> {
  const { settleDelayMs } = config;
  const { unknown, heldBackBy, serverTime } = await readHorizon(client, {
    kind: 'timestamptz',
    settleDelayMs,
  });
  const findings: Finding[] = [];
  if (unknown !== undefined) {
    const remedy = readsAllStats
      ? 'Let settleDelay (or lookback) be longer than the longest transaction that writes.'
      : `GRANT pg_read_all_stats TO ${quoteIdentifier(role)};`;
    findings.push(
      warning(
        where,
        `the horizon rests on the settle delay of ${formatDuration(settleDelayMs)} alone, so that rows committed later than that are missed: ${unknown}`,
        remedy,
      ),
    );
  }
  if (heldBackBy) {
    const sinceMs = ticksToMilliseconds('timestamptz', serverTime - heldBackBy.since);
    const what = `the horizon is held back by ${describeTransaction(heldBackBy)}`;
    const remedy = 'Rows from then on are copied once it has ended.';
    findings.push(sinceMs > HELD_BACK_MS ? warning(where, what, remedy) : info(where, what, remedy));
  }
  if (unknown === undefined && !readsAllStats)
    findings.push(
      warning(
        where,
        'no other role has a session now, but when one has, its open transactions do not show',
        `GRANT pg_read_all_stats TO ${quoteIdentifier(role)};`,
      ),
    );
  if (findings.length === 0)
    findings.push(info(where, 'open transactions can be seen: nothing that commits late is missed'));
  return findings;
}
