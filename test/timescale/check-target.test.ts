import type { TestDatabase } from '../support/database';
import { createTimescaleDatabase, describeNative } from '../support/native-timescale';
import { folderWith, runCli } from '../commands/cli';

/* What check says of the target that the first sync would make. */

describeNative('check', () => {
  let source: TestDatabase;
  let destination: TestDatabase;
  beforeAll(async () => {
    [source, destination] = [await createTimescaleDatabase(), await createTimescaleDatabase()];
    await source.query(
      `CREATE TABLE readings (time timestamptz NOT NULL, sensor int NOT NULL, v vector(3), PRIMARY KEY (sensor, time));
       SELECT create_hypertable('readings', 'time', chunk_time_interval => interval '2 days');
       SELECT add_dimension('readings', 'sensor', number_partitions => 3);
       ALTER TABLE readings SET (timescaledb.compress);
       SELECT add_retention_policy('readings', interval '5000 days')`,
    );
  });
  afterAll(() => Promise.all([source.drop(), destination.drop()]));

  async function check(table: object): Promise<{ code: number | null; said: string[] }> {
    const file = {
      ...{ name: 'checked', source: { url: source.url }, destination: { url: destination.url } },
      tables: [{ name: 'readings', ...table }],
    };
    const folder = await folderWith({ 'tidemark.yaml': JSON.stringify(file) });
    const { code, stdout } = await runCli(['check', '--json'], { folder });
    const { findings } = JSON.parse(stdout) as {
      findings: { level: string; where: string; what: string; remedy: string }[];
    };
    const said = findings
      .filter(({ where }) => where === 'public.readings')
      .map(({ level, what, remedy }) => `${level}: ${what}. ${remedy}`);
    return { code, said };
  }

  it.each<[string, object, RegExp]>([
    [
      'a hypertable',
      {},
      /as a hypertable \(chunks of 2 days by time, 3 partitions of sensor\), compressed as at the source\./,
    ],
    [
      'its interval, policies and index',
      { chunkInterval: '3 h', policies: 'mirror', columns: { v: { hnsw: 'l2' } } },
      /chunks of 3 hours .*, with its policies \(retention\) after the first load, with an HNSW index \(v\)/,
    ],
    ['native partitions', { partitions: 'native' }, /in native partitions of 2 days by time/],
    ['a plain table', { partitions: 'none' }, /as a plain table/],
    [
      'what is in the way',
      { key: ['sensor'] },
      /warning: the target is a plain table, not a hypertable: its key \(sensor\)/,
    ],
    ['what cannot be', { key: ['sensor'], partitions: 'native' }, /error: .* has to hold time/],
  ])('says %s', async (_, table, said) => {
    expect((await check(table)).said.join('\n')).toMatch(said);
  });

  it('says that a target which is there stays as it is', async () => {
    await destination.query(
      `CREATE TABLE there (time timestamptz, sensor int, v vector(3), UNIQUE (sensor, time))`,
    );
    const { code, said } = await check({ target: 'there', chunkInterval: '1 day', policies: 'mirror' });
    expect(code).toBe(0);
    expect(said.join('\n')).toMatch(
      /public\.there is there already and stays as it is: chunkInterval, policies is for/,
    );
    expect((await check({ target: 'there' })).said.join('\n')).not.toMatch(/stays as it is/);
  });

  it('says what a destination without TimescaleDB makes of it', async () => {
    await destination.query('DROP EXTENSION timescaledb CASCADE');
    const { code, said } = await check({});
    expect(code).toBe(0);
    expect(said.join('\n')).toMatch(
      /as a plain table[^]*the destination has no TimescaleDB to make one.*partitions: native/,
    );
    expect((await check({ partitions: 'hypertable' })).said.join('\n')).toMatch(
      /error: a hypertable is asked for/,
    );
  });
});
