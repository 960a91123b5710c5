import type { Finding } from '../../src/commands/finding';
import { withSession } from '../../src/commands/with-session';
import type { Config } from '../../src/config/config';
import { forgetTable } from '../../src/destination/forget-checkpoint';
import type { ReconcileSummary } from '../../src/plan/reconcile-wire';
import { comparisonWorkflowId } from '../../src/plan/workflow-ids';
import { startComparison } from '../../src/temporal/start-comparison';
import { checkEnds } from '../support/check-ends';
import type { TestDatabase } from '../support/database';
import { startSyncHarness, summaryOf, type SyncHarness, type TestSync } from '../support/sync-harness';
import { documentedSql, singleGrants } from './document';

/* Roles that have just what docs/SECURITY.md grants, in databases that grant nothing to everybody. */

/** The document's table, and others that are to do with less. */
const tables = [
  { name: 'sensor_data', mode: 'upsert', deletes: 'mirror' },
  { name: 'kept', mode: 'upsert', deletes: 'keep' },
  { name: 'replaced', mode: 'replace' },
  { name: 'appended', mode: 'append' },
].map((table) => ({ ...table, cursor: 'time', deleteLimit: 100 }));

let harness: SyncHarness;
const roles: { end: TestDatabase; role: string }[] = [];
const columns = 'id int PRIMARY KEY, time timestamptz NOT NULL, note text';

/** A statement of the document, of this database, role and tables. */
function inDatabase(statement: string, end: TestDatabase, role: string, names: string[]): string {
  return statement
    .replace('public.sensor_data', names.join(', '))
    .replace(/tidemark_(reader|writer)/, role)
    .replace(/DATABASE (plant|analytics)/, `DATABASE ${end.endpoint.database}`);
}

/** Makes a role by a block of the document, and gives the database's URL as it. */
async function grantAs(
  end: TestDatabase,
  block: string,
  names: string[],
): Promise<{ url: string; role: string }> {
  const role = `role_${roles.length}_${end.endpoint.database}`;
  roles.push({ end, role });
  for (const statement of documentedSql(block)) await end.query(inDatabase(statement, end, role, names));
  const url = new URL(end.url);
  url.username = role;
  url.password = 'choose a long one';
  return { url: url.href, role };
}

/** What `check` finds wanting, without what it says of Temporal. */
async function check(config: Config): Promise<Finding[]> {
  return (await checkEnds(config)).filter(({ level }) => level !== 'info');
}

beforeAll(async () => {
  harness = await startSyncHarness();
  for (const end of [harness.source, harness.destination])
    await end.query(
      `REVOKE ALL ON DATABASE ${end.endpoint.database} FROM PUBLIC; REVOKE ALL ON SCHEMA public FROM PUBLIC`,
    );
  for (const { name } of tables)
    await harness.source.query(`CREATE TABLE ${name} (${columns}); CREATE INDEX ON ${name} (time)`);
});
afterAll(async () => {
  for (const { end, role } of roles) await end.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`);
  await harness.stop();
});
beforeEach(async () => {
  for (const { name } of tables)
    await harness.source.query(
      `DELETE FROM ${name};
       INSERT INTO ${name} SELECT i, '2026-01-01'::timestamptz + i * interval '1 hour', 'a' FROM generate_series(1, 500) i`,
    );
});
afterEach(() =>
  harness.destination.query(
    `DROP SCHEMA IF EXISTS tidemark CASCADE; DROP TABLE IF EXISTS ${tables.map(({ name }) => name).join(', ')}`,
  ),
);

const makeTable = (name: string) => harness.destination.query(`CREATE TABLE ${name} (${columns})`);
const change = (name: string) =>
  harness.source.query(`UPDATE ${name} SET note = 'b' WHERE id = 3; DELETE FROM ${name} WHERE id = 4`);

it.each(['Tidemark makes its tables', 'the tables are there'])(
  'check, sync, reconcile, verify and resync need no more, where %s',
  async (block) => {
    const names = tables.map(({ name }) => name);
    if (block === 'the tables are there') for (const name of names) await makeTable(name);
    const source = await grantAs(harness.source, 'source', names);
    const destination = await grantAs(harness.destination, `destination, ${block}`, names);
    if (block === 'the tables are there')
      await harness.destination.query(
        `REVOKE DELETE ON kept FROM ${destination.role}; REVOKE UPDATE ON replaced, appended FROM ${destination.role}`,
      );
    const urls = { source: { url: source.url }, destination: { url: destination.url } };
    const sync = await harness.configure({ tables, ...urls });
    const copy = async (): Promise<void> => expect((await sync.run()).ok).toBe(true);
    const compare = async (input: object): Promise<string[]> => {
      const id = comparisonWorkflowId(sync.name, 'reconcile');
      const whole = { sync: sync.name, depth: 'full', ...input } as const;
      const handle = await startComparison(harness.client, id, whole, harness.taskQueue);
      const summary = await summaryOf<ReconcileSummary>(handle);
      return summary.tables.map(({ error, stillDiffering }) => error?.message ?? String(stillDiffering));
    };
    expect(await check(sync.config)).toEqual([]);
    await copy();
    for (const name of names) await change(name);
    expect(await compare({ repair: false })).toEqual(['1', '1', '1', '1']);
    expect(await compare({})).toEqual(['0', '0', '0', '0']);
    for (const name of names) {
      await withSession(sync.config, 'destination', (client) =>
        forgetTable(client, { sync: sync.name, table: `public.${name}` }),
      );
    }
    await copy();
    for (const { name, deletes } of tables) if (deletes !== 'keep') await harness.expectEqual(name);
    expect(await check(sync.config)).toEqual([]);
  },
);

const SOURCE = documentedSql('source');
const MAKES = documentedSql('destination, Tidemark makes its tables');
const THERE = documentedSql('destination, the tables are there');

describe('without one of them', () => {
  const cases = [
    ...SOURCE.flatMap(singleGrants).map((grant) => ['source', grant, 'the tables are there']),
    // The others are among those of the tables that are there.
    ...MAKES.flatMap(singleGrants)
      .filter((grant) => grant.startsWith('GRANT CREATE'))
      .map((grant) => ['destination', grant, 'Tidemark makes its tables']),
    ...THERE.flatMap(singleGrants).map((grant) => ['destination', grant, 'the tables are there']),
  ] as ['source' | 'destination', string, string][];

  it.each(cases)('at the %s, %s (%s), it says what to do', async (name, statement, block) => {
    if (block === 'the tables are there') await makeTable('sensor_data');
    const ends = {
      source: await grantAs(harness.source, 'source', ['sensor_data']),
      destination: await grantAs(harness.destination, `destination, ${block}`, ['sensor_data']),
    };
    const { role } = ends[name];
    const grant = inDatabase(statement, harness[name], role, ['sensor_data']);
    await harness[name].query(grant.replace('GRANT', 'REVOKE').replace(' TO ', ' FROM '));
    const sync = await harness.configure({
      tables: tables.slice(0, 1),
      source: { url: ends.source.url },
      destination: { url: ends.destination.url },
    });

    const findings = await check(sync.config);
    const error = await use(sync);
    if (statement.startsWith('GRANT pg_read_all_stats')) {
      expect(findings).toMatchObject([{ level: 'warning', remedy: `GRANT pg_read_all_stats TO "${role}";` }]);
      expect(error).toBeUndefined();
      return;
    }
    expect(error?.type).toBe('PermissionDenied');
    expect(error?.message).toMatch(
      /: the role (lacks a privilege|may not connect to this database) \(42501\)\. (Run `tidemark check`|GRANT)/,
    );
    expect(findings).toHaveLength(1);
    const [{ remedy }] = findings as [Finding];
    if (statement.startsWith('GRANT CONNECT')) expect(remedy).toMatch(/^GRANT CONNECT ON DATABASE/);
    else await harness[name].query(remedy);
    if (statement.startsWith('GRANT CONNECT')) await harness[name].query(grant);
    expect(await check(sync.config)).toEqual([]);
  });

  /** Has everything of a sync done that writes, and gives the first thing that failed. */
  async function use(sync: TestSync): Promise<{ type: string; message: string } | undefined> {
    const [copied] = (await sync.run()).tables;
    if (copied?.error) return copied.error;
    await change('sensor_data');
    return (await sync.reconcile({ depth: 'full' })).error;
  }
});
