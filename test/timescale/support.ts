import type { TextRow, TestDatabase } from '../support/database';
import { createTimescaleDatabase, describeNative } from '../support/native-timescale';
import {
  startSyncHarness,
  type SyncHarness,
  type SyncSettings,
  type TestSync,
} from '../support/sync-harness';
import { startTimescaleDatabase } from '../support/timescale';

export interface TimescaleScene {
  /** The destination is a plain PostgreSQL. */
  harness: SyncHarness;
  native: boolean;
  /** Runs statements at the source, one after another. Last one's rows. */
  run: (...statements: string[]) => Promise<TextRow[]>;
  /** One table; `settings` are those of the sync. */
  configure: (
    table: { name: string; [key: string]: unknown },
    settings?: Partial<SyncSettings>,
  ) => Promise<TestSync>;
  /** The most rows that one transaction wrote into a table at the destination, and how many transactions there were. */
  batchesOf: (table: string) => Promise<{ batches: number; most: number }>;
}

/** Defines tests twice: on embedded TimescaleDB, which has one session, and on a native one, where one is named. */
export function onTimescale(define: (scene: TimescaleScene) => void): void {
  describe('embedded TimescaleDB', () => inScene(false, startTimescaleDatabase, define));
  describeNative('native TimescaleDB', () => inScene(true, createTimescaleDatabase, define));
}

/** Defines tests that need more than one session at the source. */
export function onNativeTimescale(define: (scene: TimescaleScene) => void): void {
  describeNative('native TimescaleDB', () => inScene(true, createTimescaleDatabase, define));
}

function inScene(
  native: boolean,
  createSource: () => Promise<TestDatabase>,
  define: (scene: TimescaleScene) => void,
): void {
  const scene = { native } as TimescaleScene;
  beforeAll(async () => {
    scene.harness = await startSyncHarness({ source: await createSource() });
  });
  afterEach(() => (scene.harness.onMoment = undefined));
  scene.run = async (...statements) => {
    let rows: TextRow[] = [];
    for (const statement of statements) ({ rows } = await scene.harness.source.query(statement));
    return rows;
  };
  scene.configure = (table, settings = {}) =>
    scene.harness.configure({
      source: { url: scene.harness.source.url, maxConnections: native ? 4 : 1 },
      tables: [table],
      ...settings,
    });
  scene.batchesOf = async (table) => {
    const { rows } = await scene.harness.destination.query(
      `SELECT count(*) AS batches, coalesce(max(n), 0) AS most FROM (SELECT count(*) AS n FROM ${table} GROUP BY xmin) t`,
    );
    return { batches: Number(rows[0]?.batches), most: Number(rows[0]?.most) };
  };
  define(scene);
  // After those of the tests.
  afterAll(() => scene.harness.stop());
}

/** Statements that make a hypertable `name (time, sensor, value)` with its rows, and compress chunks where asked to. */
export function hypertable(
  name: string,
  rows: string,
  { chunk = '1 day', compress = 'true' }: { chunk?: string; compress?: string } = {},
): string[] {
  return [
    `CREATE TABLE ${name} (time timestamptz NOT NULL, sensor int NOT NULL, value float8, PRIMARY KEY (sensor, time))`,
    `SELECT create_hypertable('${name}', 'time', chunk_time_interval => interval '${chunk}')`,
    `INSERT INTO ${name} ${rows}`,
    `ALTER TABLE ${name} SET (timescaledb.compress, timescaledb.compress_segmentby = 'sensor')`,
    `SELECT compress_chunk(format('%I.%I', chunk_schema, chunk_name)::regclass) FROM timescaledb_information.chunks
     WHERE hypertable_name = '${name}' AND ${compress} ORDER BY range_start`,
    `ANALYZE ${name}`,
  ];
}
