import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Client } from '@temporalio/client';
import type { Client as PgClient } from 'pg';
import { ensureCheckpointSchema } from '../src/destination/checkpoint-schema';
import { until } from '../test/support/poll';
import { startWorkerProcess, type WorkerProcess } from '../test/support/worker-process';
import type { Arena, End } from './arena';
import { createTable, type Table } from './tables';

/** One run's databases, configuration and workers. */
export interface Scene {
  arena: Arena;
  name: string;
  tables: Table[];
  client: Client;
  /** A folder that workers watch: see WorkerTask.hold. */
  hold: string;
  workers: SceneWorker[];
  /** Starts one more for this Temporal server, and waits until it polls. */
  startWorker(address?: string): Promise<void>;
  connect(end: End): Promise<PgClient>;
  /** A query that changes nothing: it is asked again where its connection was lost. */
  query: <Row = Record<string, string | null>>(end: End, sql: string) => Promise<Row[]>;
  /** What the workers have written. */
  logs(): string;
  close(): Promise<void>;
}

export interface SceneWorker {
  process: WorkerProcess;
  /** Of its Temporal. */
  address: string;
  /** Between SIGSTOP and SIGCONT. */
  paused: boolean;
}

/** How far below the watermark late rows may come; see writers.ts. */
const LOOKBACK_SECONDS = 30;
/** A batch stays so long at each of its moments: else most would be over before a fault could meet them. */
const LINGER_MS = 25;

/** Which transaction moved which position, and which wrote how many rows: both are made by triggers. */
const AUDIT = `
  CREATE SCHEMA audit;
  CREATE TABLE audit.moves (
    n bigserial, "table" text, epoch bigint, interval integer, old text, new text, rows bigint,
    tx bigint DEFAULT txid_current(), at timestamptz DEFAULT clock_timestamp()
  );
  CREATE FUNCTION audit.move() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO audit.moves ("table", epoch, interval, old, new, rows)
    VALUES (NEW."table", NEW.epoch, NEW.id, OLD.position, NEW.position, NEW.rows - OLD.rows);
    RETURN NULL;
  END $$;
  CREATE TRIGGER move AFTER UPDATE OF position ON tidemark.intervals FOR EACH ROW EXECUTE FUNCTION audit.move();
  CREATE TABLE audit.watermarks (n bigserial, "table" text, old text, new text);
  CREATE FUNCTION audit.watermark() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO audit.watermarks ("table", old, new) VALUES (NEW."table", OLD.watermark, NEW.watermark);
    RETURN NULL;
  END $$;
  CREATE TRIGGER watermark AFTER UPDATE OF watermark ON tidemark.tables FOR EACH ROW EXECUTE FUNCTION audit.watermark();
  CREATE TABLE audit.writes ("table" text, tx bigint DEFAULT txid_current(), rows bigint);
  CREATE FUNCTION audit.wrote() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO audit.writes ("table", rows)
    SELECT TG_TABLE_SCHEMA || '.' || TG_TABLE_NAME, count(*) FROM written HAVING count(*) > 0;
    RETURN NULL;
  END $$;
  CREATE FUNCTION audit.attach() RETURNS event_trigger LANGUAGE plpgsql AS $$ DECLARE made record; BEGIN
    FOR made IN SELECT * FROM pg_event_trigger_ddl_commands() WHERE schema_name = 'public' AND object_type = 'table' LOOP
      EXECUTE format('CREATE TRIGGER inserted AFTER INSERT ON %s REFERENCING NEW TABLE AS written
        FOR EACH STATEMENT EXECUTE FUNCTION audit.wrote()', made.object_identity);
      EXECUTE format('CREATE TRIGGER updated AFTER UPDATE ON %s REFERENCING NEW TABLE AS written
        FOR EACH STATEMENT EXECUTE FUNCTION audit.wrote()', made.object_identity);
      EXECUTE format('CREATE TRIGGER deleted AFTER DELETE ON %s REFERENCING OLD TABLE AS written
        FOR EACH STATEMENT EXECUTE FUNCTION audit.wrote()', made.object_identity);
    END LOOP;
  END $$;
  CREATE EVENT TRIGGER attach ON ddl_command_end WHEN TAG IN ('CREATE TABLE') EXECUTE FUNCTION audit.attach();`;

export interface SceneOptions {
  name: string;
  tables: Table[];
  /** The engine to run; the built one unless given. */
  dist?: string | undefined;
  /** How long a batch stays at each of its moments, in milliseconds. */
  lingerMs?: number;
}

export async function createScene(
  arena: Arena,
  { name, tables, dist, lingerMs = LINGER_MS }: SceneOptions,
): Promise<Scene> {
  const folder = path.join(arena.folder, name);
  const hold = path.join(folder, 'hold');
  mkdirSync(hold, { recursive: true });
  const connect = (end: End): Promise<PgClient> => arena.connect(end, name);
  const kept = new Map<End, PgClient>();
  const query = async <Row>(end: End, sql: string): Promise<Row[]> => {
    // To connect costs more than most queries, and some are asked many times a second.
    const before = kept.get(end);
    const client = before ?? (await connect(end));
    kept.set(end, client);
    try {
      return (await client.query(sql)).rows as Row[];
    } catch (error) {
      kept.delete(end);
      await client.end().catch(() => undefined);
      // Its server may have been away meanwhile.
      if (before) return query(end, sql);
      throw error;
    }
  };
  for (const end of ['source', 'destination'] as const) await arena.command(end, `CREATE DATABASE ${name}`);
  const extension = arena.hypertables ? 'CREATE EXTENSION timescaledb;' : '';
  const source = await connect('source');
  await source.query(`${extension} CREATE TYPE public.mood AS ENUM ('calm', 'windy')`);
  for (const table of tables) await source.query(createTable(table));
  await source.end();
  const destination = await connect('destination');
  await ensureCheckpointSchema(destination);
  await destination.query(AUDIT);
  await destination.end();
  const config = path.join(folder, 'tidemark.yaml');
  writeFileSync(config, JSON.stringify(configOf(arena, name, tables)), { mode: 0o600 });

  const client = await arena.client();
  const workers: SceneWorker[] = [];
  let started = 0;
  const trace = (number: number) => path.join(folder, `worker-${number}`);
  return {
    arena,
    name,
    tables,
    client,
    hold,
    workers,
    connect,
    query,
    async startWorker(address = arena.temporalAddress) {
      await until(
        async () => {
          const worker = await startWorkerProcess({
            ...{ config, taskQueue: name, trace: trace((started += 1)), hold, lingerMs },
            address: address === arena.temporalAddress ? arena.proxies.temporal.address : address,
            ...(dist !== undefined && { dist }),
          });
          // One that finds no Temporal ends; then another is started, as a supervisor would.
          await until(() => worker.ended !== undefined || worker.trace().length > 0, { timeout: 60_000 });
          if (worker.ended !== undefined) return false;
          workers.push({ process: worker, address, paused: false });
          return true;
        },
        { timeout: 120_000, what: 'a worker that polls' },
      );
    },
    logs: () =>
      readdirSync(folder)
        .filter((file) => file.endsWith('.log'))
        .map((file) => readFileSync(path.join(folder, file), 'utf8'))
        .join(''),
    async close() {
      await Promise.all(workers.map(({ process: worker }) => worker.kill('SIGKILL')));
      arena.cutAll();
      await client.connection.close();
      await Promise.all([...kept.values()].map((one) => one.end().catch(() => undefined)));
      for (const end of ['source', 'destination'] as const)
        await arena.command(end, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function configOf(arena: Arena, name: string, tables: Table[]): object {
  const url = (end: End): string => {
    const { user, password } = arena.servers[end];
    return `postgres://${user}:${password}@${arena.proxies[end].address}/${name}`;
  };
  // Half-open connections are given up after this; a user who has minutes-long queries waits as long for it.
  const limits = { maxConnections: 8, connectTimeout: '5 seconds', queryTimeout: '15 seconds' };
  return {
    name,
    source: { url: url('source'), ...limits },
    destination: { url: url('destination'), ...limits },
    settleDelay: '200 ms',
    parallelism: { tables: tables.length, intervals: 2 },
    tables: tables.map(({ name: table, mode, kind, newest, batchRows }) => ({
      ...{ name: table, mode, cursor: 'at', partitions: 'none', batch: { rows: batchRows } },
      ...(newest && { key: ['sensor'] }),
      ...(mode !== 'append' && { lookback: kind === 'bigint' ? 100 : `${LOOKBACK_SECONDS} seconds` }),
    })),
  };
}
