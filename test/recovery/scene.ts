import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type Client, WorkflowFailedError } from '@temporalio/client';
import type { Client as PgClient } from 'pg';
import { ensureCheckpointSchema } from '../../src/destination/checkpoint-schema';
import { temporaryFolder } from '../../src/embedded/guarded-process';
import type { SyncSummary } from '../../src/plan/wire';
import { syncWorkflowId } from '../../src/plan/workflow-ids';
import { startSync } from '../../src/temporal/start-sync';
import type { sync } from '../../src/workflows';
import { connectText } from '../support/database';
import { expectEqualMultisets } from '../support/multiset';
import { until } from '../support/poll';
import { serverAddresses } from '../support/servers';
import { connectTemporal, temporalAddress, uniqueName } from '../support/temporal';
import {
  startWorkerProcess,
  type TraceLine,
  type WorkerProcess,
  type WorkerTask,
} from '../support/worker-process';

export interface ServerAddress {
  host: string;
  port: number;
  user: string;
  password: string;
}

export interface SceneOptions {
  /** Servers of the test's own; the test run's unless given. */
  source?: ServerAddress;
  destination?: ServerAddress;
  temporal?: string;
  /** The workers reach the destination through this proxy. */
  destinationProxy?: { host: string; port: number };
  maxConnections?: number;
}

export type WorkerOptions = Partial<Pick<WorkerTask, 'slowMs' | 'act' | 'address'>>;

/**
 * A sync of one table a write mode (binary and text lane among them), in databases of its own: cut into intervals, two
 * of each table in flight, every position that moves and every row's transaction on record.
 */
export interface Scene {
  client: Client;
  worker(options?: WorkerOptions): Promise<WorkerProcess>;
  /** Starts the run. */
  start(): Promise<void>;
  /** Waits for its end, also where Temporal is away for a while. @throws when a table did not complete */
  result(): Promise<SyncSummary>;
  /** A connection of the test's own, to end. */
  connect(end: 'source' | 'destination'): Promise<PgClient>;
  query(end: 'source' | 'destination', sql: string): Promise<Record<string, string | null>[]>;
  /** How many batches were committed. */
  committed(table?: string): Promise<number>;
  /** Whether the batch that a worker was in is committed, by whomever. */
  isCommitted(batch: TraceLine): Promise<boolean>;
  /**
   * That source and destination are equal as multisets; that no batch was applied twice, and rows and position were
   * committed together; that positions only moved forward; that a fault cost at most one batch of each interval in
   * flight. `faults` are those that a worker lived through; every worker but the last counts as one.
   */
  expectExactlyOnce(summary: SyncSummary, faults?: number): Promise<void>;
  close(): Promise<void>;
}

export const tables = ['by_append', 'by_upsert', 'by_replace'].map((name) => `public.${name}`);
const ROWS = 4_900;
const ROWS_PER_BATCH = 300;
/** Intervals of a table in flight at once. */
const LANES = 2;
/** A row and the transaction that wrote it leave their marks in `xmin`; so does the one that moved the position. */
const RECORD = `
  CREATE SCHEMA record;
  CREATE TABLE record.moves (
    n bigserial, "table" text, interval integer, old timestamptz, new timestamptz, rows bigint
  );
  CREATE FUNCTION record.move() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO record.moves ("table", interval, old, new, rows)
    VALUES (NEW."table", NEW.id, OLD.position::timestamptz, NEW.position::timestamptz, NEW.rows - OLD.rows);
    RETURN NULL;
  END $$;
  CREATE TRIGGER move AFTER UPDATE OF position ON tidemark.intervals FOR EACH ROW EXECUTE FUNCTION record.move();`;

export async function createScene(options: SceneOptions = {}): Promise<Scene> {
  const ends = {
    source: options.source ?? serverAddresses().postgres,
    destination: options.destination ?? serverAddresses().postgres,
  };
  const name = uniqueName('recovery');
  const database = name.replace('-', '_');
  const folder = temporaryFolder();
  const config = path.join(folder, 'tidemark.yaml');
  const connect = (end: keyof typeof ends): Promise<PgClient> =>
    connectText({ ...ends[end], database: `${database}_${end}` });
  const onDatabase = async <T>(
    client: Promise<PgClient>,
    work: (client: PgClient) => Promise<T>,
  ): Promise<T> => {
    const connected = await client;
    try {
      return await work(connected);
    } finally {
      await connected.end();
    }
  };
  const query: Scene['query'] = (end, sql) =>
    onDatabase(connect(end), async (client) => (await client.query<Record<string, string | null>>(sql)).rows);
  for (const end of ['source', 'destination'] as const) {
    const create = (server: PgClient) => server.query(`CREATE DATABASE ${database}_${end}`);
    // Two sessions cannot clone a template at once.
    await until(() => onDatabase(connectText({ ...ends[end], database: 'postgres' }), create), {
      what: 'CREATE DATABASE',
    });
  }
  await query('source', tables.map(createTable).join(';'));
  await onDatabase(connect('destination'), async (client) => {
    await ensureCheckpointSchema(client);
    await client.query(RECORD);
  });
  const url = (
    end: keyof typeof ends,
    { host, port } = ends[end] as { host: string; port: number },
  ): string => `postgres://${ends[end].user}:${ends[end].password}@${host}:${port}/${database}_${end}`;
  const { maxConnections = 6 } = options;
  writeFileSync(
    config,
    JSON.stringify({
      name,
      source: { url: url('source'), maxConnections },
      destination: { url: url('destination', options.destinationProxy), maxConnections },
      settleDelay: '1 ms',
      parallelism: { tables: tables.length, intervals: LANES },
      defaults: { cursor: 'at', batch: { rows: ROWS_PER_BATCH } },
      tables: tables.map((table) => ({ name: table, mode: /by_(.*)/.exec(table)?.[1] })),
    }),
  );

  const address = options.temporal ?? temporalAddress();
  const client = await connectTemporal(address);
  const workers: WorkerProcess[] = [];
  let traces = 0;
  return {
    client,
    connect,
    query,
    async worker(more = {}) {
      const trace = path.join(folder, `worker-${(traces += 1)}`);
      const worker = await startWorkerProcess({ config, address, taskQueue: name, trace, ...more });
      workers.push(worker);
      return worker;
    },
    async start() {
      await startSync(client, { sync: name }, name);
    },
    async result() {
      const ended = (): Promise<SyncSummary | WorkflowFailedError> =>
        client.workflow
          .getHandle<typeof sync>(syncWorkflowId(name))
          .result()
          .catch((error: unknown) => {
            if (error instanceof WorkflowFailedError) return error;
            throw error;
          });
      const outcome = await until(ended, { what: 'the end of the run' });
      if (outcome instanceof Error) throw new Error('The run failed', { cause: outcome.cause });
      return outcome;
    },
    async committed(table) {
      const where = table === undefined ? '' : `WHERE "table" = '${table}'`;
      const [row] = await query('destination', `SELECT count(*) FROM record.moves ${where}`);
      return Number(row?.count);
    },
    async isCommitted({ table, interval, position }) {
      const where = `"table" = '${table}' AND interval = ${interval} AND old = '${position}'`;
      const moves = await query('destination', `SELECT FROM record.moves WHERE ${where}`);
      return moves.length > 0;
    },
    async expectExactlyOnce(summary, faults = 0) {
      for (const table of tables) {
        await expectSame(table, connect);
        expect({ table, ...(await query('destination', verdict(table)))[0] }).toEqual({
          ...{ table, rows: String(ROWS), checkpoint: String(ROWS), unfinished: '0' },
          ...{ backwards: '0', twice: '0', apart: '0' },
        });
        for (const worker of workers) expect(mostLeftUndone(worker, table)).toBeLessThanOrEqual(1 + faults);
        const repeated = summary.tables.find((row) => row.table === table)?.repeated;
        expect(repeated).toBeLessThanOrEqual(LANES * (faults + workers.length - 1));
      }
    },
    async close() {
      await Promise.all(workers.map((worker) => worker.kill('SIGKILL')));
      await client.connection.close();
      for (const end of ['source', 'destination'] as const) {
        await onDatabase(connectText({ ...ends[end], database: 'postgres' }), (server) =>
          server.query(`DROP DATABASE ${database}_${end} WITH (FORCE)`),
        );
      }
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Runs a test in a scene of its own, and takes that down however the test ends. */
export async function inScene(options: SceneOptions, test: (scene: Scene) => Promise<void>): Promise<void> {
  const scene = await createScene(options);
  try {
    await test(scene);
  } finally {
    await scene.close();
  }
}

/** Ties of seven; two of three tables go through the binary lane, the enum takes one through the text lane. */
function createTable(table: string): string {
  const mood = table === 'public.by_upsert' ? 'mood' : 'text';
  return `
    ${mood === 'mood' ? `CREATE TYPE mood AS ENUM ('calm', 'windy');` : ''}
    CREATE TABLE ${table} (sensor int, at timestamptz, value float8, mood ${mood}, note text, PRIMARY KEY (sensor, at));
    INSERT INTO ${table} SELECT i % 7, '2026-01-01'::timestamptz + (i / 7) * interval '1.000001 seconds', i * 0.1,
      (CASE i % 2 WHEN 0 THEN 'calm' ELSE 'windy' END)::${mood}, repeat(md5(i::text), 20)
    FROM generate_series(0, ${ROWS - 1}) AS i;
    ANALYZE ${table}`;
}

async function expectSame(table: string, connect: (end: 'source' | 'destination') => Promise<PgClient>) {
  const [left, right] = await Promise.all([connect('source'), connect('destination')]);
  try {
    const sql = `SELECT sensor, at, value, mood, note FROM ${table}`;
    await expectEqualMultisets({ client: left, sql }, { client: right, sql });
  } finally {
    await Promise.all([left.end(), right.end()]);
  }
}

function verdict(table: string): string {
  const moves = `(SELECT *, xmin AS written FROM record.moves WHERE "table" = '${table}')`;
  return `SELECT
    (SELECT sum(rows) FROM ${moves} AS moves) AS rows,
    (SELECT rows FROM tidemark.tables WHERE "table" = '${table}') AS checkpoint,
    (SELECT count(*) FROM tidemark.intervals) AS unfinished,
    (SELECT count(*) FROM ${moves} AS moves WHERE new <= old) AS backwards,
    (SELECT count(*) FROM ${moves} AS a JOIN ${moves} AS b ON a.n < b.n AND a.old < b.new AND b.old < a.new) AS twice,
    (SELECT count(*) FROM ${moves} AS moves JOIN ${table} AS row ON row.at >= moves.old AND row.at < moves.new
     WHERE row.xmin <> moves.written) AS apart`;
}

/** The most batches of one interval whose rows a worker began to copy and did not commit, as far as it knows. */
function mostLeftUndone(worker: WorkerProcess, table: string): number {
  const undone = new Map<number, Set<string>>();
  for (const line of worker.trace()) {
    if (line.table !== table || line.interval === undefined || line.position === undefined) continue;
    const positions = undone.get(line.interval) ?? new Set();
    if (line.moment === 'mid-copy') positions.add(line.position);
    if (line.moment === 'committed') positions.delete(line.position);
    undone.set(line.interval, positions);
  }
  return Math.max(0, ...[...undone.values()].map(({ size }) => size));
}
