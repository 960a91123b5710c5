import type { PoolClient } from 'pg';
import { lookbackInTicks, startInTicks } from '../activities/bounds';
import { describeTransaction } from '../activities/describe-transaction';
import { chooseSpec, type TableChoice } from '../activities/choose-spec';
import { type ConfiguredTable, configuredTables } from '../activities/configured-tables';
import { describeOddRows } from '../activities/odd-rows';
import type { Config, TableConfig } from '../config/config';
import { rangeOfKind, ticksToMilliseconds } from '../plan/cursor-value';
import { formatIdentifier, quoteIdentifier, quoteTable } from '../postgres/identifiers';
import { countOddRows } from '../source/count-odd-rows';
import { describeTables, type SourceTable } from '../source/describe-tables';
import { missingGrants } from '../source/grants';
import { listTables } from '../source/list-tables';
import { readHorizon } from '../source/read-horizon';
import { readSpan } from '../source/read-span';
import { type Versions, readVersions } from '../source/versions';
import { countNullKeys } from '../source/count-null-keys';
import { errorFinding, type Finding, findingsOf, info, warning } from './finding';
import { formatCount, formatDuration } from './format';
import { checkVersions } from './check-versions';
import { placeOf } from './with-session';

/** A table that the source has as the configuration wants it. */
export interface SoundTable {
  name: string;
  config: TableConfig;
  choice: TableChoice;
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
  const tables: SoundTable[] = [];
  for (const one of configured) {
    const source = described.find(
      ({ schema, name }) => schema === one.table.schema && name === one.table.name,
    );
    const checked = await checkTable(client, one, source);
    findings.push(...checked.findings);
    if (checked.choice) tables.push({ name: one.name, config: one.config, choice: checked.choice });
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
  if (findings.length === 0)
    findings.push(info(where, 'open transactions can be seen: nothing that commits late is missed'));
  return findings;
}

async function checkTable(
  client: PoolClient,
  { name, table, config }: ConfiguredTable,
  source: SourceTable | undefined,
): Promise<{ findings: Finding[]; choice?: TableChoice }> {
  if (!source) {
    const remedy = 'Correct its name in the configuration (capitals need double quotes), or take it out.';
    return {
      findings: [
        errorFinding(
          'configuration',
          name,
          'the source has no such table, or the role may not see its schema',
          remedy,
        ),
      ],
    };
  }
  try {
    const choice = chooseSpec(source, config);
    startInTicks(choice.cursor.kind, config.start);
    lookbackInTicks(choice.cursor.kind, config);
    const findings = checkShape(name, source, choice);
    const grants = await missingGrants(client, [
      { table, columns: choice.columns.map((column) => column.name) },
    ]);
    if (grants.length > 0)
      return {
        findings: [
          ...findings,
          ...grants.map((grant) =>
            errorFinding('configuration', name, 'the role may not read the table', grant),
          ),
        ],
        choice,
      };
    return { findings: [...findings, ...(await checkRows(client, name, source, choice))], choice };
  } catch (error) {
    return { findings: findingsOf(error, name) };
  }
}

/** What the catalog tells. */
function checkShape(
  name: string,
  source: SourceTable,
  { cursor, key, keyUnique, mode }: TableChoice,
): Finding[] {
  const findings: Finding[] = [];
  const column = formatIdentifier(cursor.column);
  const indexable =
    source.kind !== 'view' && source.kind !== 'foreign table' && source.kind !== 'continuous aggregate';
  const indexed =
    source.indexedColumns.includes(cursor.column) || source.hypertable?.timeColumn === cursor.column;
  if (indexable && !indexed)
    findings.push(
      warning(
        name,
        `the cursor column ${column} has no index, so that every batch scans the table`,
        `CREATE INDEX ON ${quoteTable(source)} (${quoteIdentifier(cursor.column)});`,
      ),
    );
  if (mode === 'upsert' && !keyUnique) {
    const columns = key.map(formatIdentifier).join(', ');
    findings.push(
      warning(
        name,
        `the key (${columns}) is not unique at the source: only each key's newest row is kept`,
        'If every row is wanted, choose a key that is unique, or mode replace.',
      ),
    );
  }
  if (source.rowSecurity)
    findings.push(
      warning(
        name,
        'row-level security filters what this role reads',
        'Rows that it hides are not copied: let the role bypass it, or live with that.',
      ),
    );
  return findings;
}

/** What only the rows tell. */
async function checkRows(
  client: PoolClient,
  name: string,
  source: SourceTable,
  { cursor, key, mode }: TableChoice,
): Promise<Finding[]> {
  const [lowest, highest] = rangeOfKind(cursor.kind);
  const from = { table: source, column: cursor.column, kind: cursor.kind };
  const odd = await countOddRows(
    client,
    { ...from, notNull: cursor.notNull },
    { start: lowest, horizon: highest + 1n },
  );
  const span = await readSpan(client, from, lowest);
  const findings: Finding[] = [];
  if (!span && odd.nullCursor > 0) {
    const remedy = 'Choose a cursor column that has values, or fill it in.';
    return [
      errorFinding(
        'configuration',
        name,
        `the cursor column ${formatIdentifier(cursor.column)} is NULL in every row: nothing can be copied`,
        remedy,
      ),
    ];
  }
  if (!span) findings.push(info(name, 'the table has no rows yet'));
  for (const what of describeOddRows(odd, cursor.column))
    findings.push(warning(name, what, 'Correct those rows, or choose another cursor column.'));
  const nullable =
    mode === 'upsert'
      ? key.filter((one) => !source.columns.find(({ name: column }) => column === one)?.notNull)
      : [];
  const nullKeys = nullable.length > 0 ? await countNullKeys(client, source, nullable) : 0;
  if (nullKeys > 0) {
    const columns = nullable.map(formatIdentifier).join(', ');
    findings.push(
      errorFinding(
        'configuration',
        name,
        `${formatCount(nullKeys)} rows (or more) have a NULL in the key (${columns}), by which no row can be found again`,
        'Correct those rows, or choose another key, or mode replace.',
      ),
    );
  }
  return findings;
}
