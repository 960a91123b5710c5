import type { PoolClient } from 'pg';
import { lookbackInTicks, startInTicks } from '../activities/bounds';
import { chooseSpec, type TableChoice } from '../activities/choose-spec';
import type { ConfiguredTable } from '../activities/configured-tables';
import { describeOddRows, refuseOnlyNulls } from '../activities/odd-rows';
import { sampleStretches, tableStretches } from '../activities/table-stretches';
import { everything, rangeOfKind } from '../plan/cursor-value';
import type { Cursor } from '../postgres/cursor-range';
import { formatIdentifier, quoteIdentifier, quoteTable } from '../postgres/identifiers';
import { countNullKeys } from '../source/count-null-keys';
import { countOddRows } from '../source/count-odd-rows';
import type { SourceTable } from '../source/describe-tables';
import { missingGrants } from '../source/grants';
import { readCounters } from '../source/read-counters';
import { readSpan } from '../source/read-span';
import { checkChunks } from './check-chunks';
import { errorFinding, type Finding, findingsOf, info, warning } from './finding';
import { formatCount } from './format';

/** Holds a configured table against what the source has. `choice` is there when it can be copied as configured. */
export async function checkTable(
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
    const findings = [...checkShape(name, source, choice), ...checkChunks(name, source, choice, config)];
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
    findings.push(...(await checkHints(client, name, source, config)));
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
        source.kind === 'table' || source.kind === 'hypertable'
          ? `the key (${columns}) is not unique at the source: only each key's newest row is kept`
          : `nothing tells that the key (${columns}) is unique in the ${source.kind}: of rows that share it only the newest is kept`,
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

/** Whether anything will tell `reconcile` where rows have changed. */
async function checkHints(
  client: PoolClient,
  name: string,
  source: SourceTable,
  { reconcile }: ConfiguredTable['config'],
): Promise<Finding[]> {
  if (reconcile !== 'hinted') return [];
  const { unknown } = await readCounters(client, source, undefined);
  if (unknown === undefined) return [];
  return [
    warning(
      name,
      `reconcile: hinted compares everything after every sync, since nothing tells what has changed: ${unknown}`,
      'Leave it off, and run tidemark reconcile from time to time.',
    ),
  ];
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
  const findings: Finding[] = [];
  if (!(await hasRows(client, source, from))) {
    refuseOnlyNulls(odd, cursor.column);
    findings.push(info(name, 'the table has no rows yet'));
  }
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

/** Whether some row has a cursor value that is finite. */
async function hasRows(client: PoolClient, source: SourceTable, cursor: Cursor): Promise<boolean> {
  const all = everything(cursor.kind);
  const stretches = await tableStretches(client, source, cursor);
  const found = stretches
    ? await sampleStretches(client, cursor, all, [cursor.column], stretches)
    : await readSpan(client, cursor, all.lower);
  return found !== undefined;
}
