import { startTestTimescale, type TestTimescale } from '../support/timescale';
import { expectNoLeak, folderWith, runCli } from '../commands/cli';
import { createDatabase, type TestDatabase } from '../support/database';
import { temporalAddress } from '../support/temporal';
import { hypertable } from './support';

let timescale: TestTimescale;
let destination: TestDatabase;

beforeAll(async () => {
  [timescale, destination] = await Promise.all([startTestTimescale(), createDatabase()]);
  const rows = `SELECT now() - n * interval '1 hour', 1, n FROM generate_series(0, 95) n`;
  await timescale.query(
    ...hypertable('readings', rows, { compress: `range_start < now() - interval '60 hours'` }),
    `ALTER TABLE readings ADD COLUMN created_at timestamptz`,
    `CREATE INDEX ON readings (created_at)`,
    `INSERT INTO readings VALUES (now(), 2, 2, now())`,
    `CREATE MATERIALIZED VIEW daily WITH (timescaledb.continuous) AS
       SELECT time_bucket('1 day', time) AS day, sensor, avg(value) AS value FROM readings GROUP BY 1, 2 WITH NO DATA`,
  );
});
afterAll(() => Promise.all([timescale.stop(), destination.drop()]));

interface Found {
  level: string;
  where: string;
  what: string;
  remedy: string;
}

async function check(table: object): Promise<Found[]> {
  const folder = await folderWith({
    'tidemark.yaml': JSON.stringify({
      name: 'chunks',
      source: { url: timescale.url, maxConnections: 1 },
      destination: { url: destination.url },
      temporal: { address: temporalAddress(), taskQueue: 'of-nobody' },
      tables: [table],
    }),
  });
  const result = await runCli(['check', '--json'], { folder });
  expectNoLeak(result);
  const { findings } = JSON.parse(result.stdout) as { findings: Found[] };
  return findings.filter(
    ({ where, what }) => where.startsWith('public.') && !what.endsWith('by the first sync'),
  );
}

it('says what a cursor column costs that is not the time dimension', async () => {
  const [counts] = await timescale.query(
    `SELECT count(*) AS all, count(*) FILTER (WHERE is_compressed) AS compressed FROM timescaledb_information.chunks
     WHERE hypertable_name = 'readings'`,
  );
  const findings = await check({ name: 'readings', cursor: 'created_at', mode: 'replace' });
  expect(findings.slice(0, 2).map(({ level, what }) => [level, what])).toEqual([
    [
      'warning',
      `the cursor column created_at is not the time dimension time: every batch looks into all of its ${counts?.['all']} chunks, and reads the ${counts?.['compressed']} compressed ones whole`,
    ],
    ['warning', expect.stringContaining('mode replace deletes the rows of dropped chunks, too') as string],
  ]);
  expect(findings[0]?.remedy).toContain('cursor: time');
});

it('is silent about the time dimension', async () => {
  const findings = await check({ name: 'readings' });
  expect(findings.filter(({ level }) => level !== 'info')).toEqual([]);
});

it('says how far a continuous aggregate is copied', async () => {
  const findings = await check({ name: 'daily', key: ['day', 'sensor'] });
  expect(findings).toContainEqual(
    expect.objectContaining({
      level: 'info',
      what: expect.stringMatching(/as far as it is materialized.*lookback or reconcile/) as string,
    }),
  );
});
