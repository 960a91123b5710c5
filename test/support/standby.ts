import { execFileSync } from 'node:child_process';
import { appendFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { QueryResult } from 'pg';
import { temporaryFolder } from '../../src/embedded/guarded-process';
import { type PostgresServer, startPostgres } from '../../src/embedded/postgres';
import { connectText, type TextRow } from './database';
import { until } from './poll';

export interface ReplicatedServers {
  primary: PostgresServer;
  standby: PostgresServer;
  /** The rows of its last statement. */
  onStandby(sql: string): Promise<TextRow[]>;
  /** Stops what sends the primary's WAL, as a link that hangs would, until `resume`. */
  stall(): Promise<void>;
  resume(): void;
  stop(): Promise<void>;
}

/** A primary and a standby that streams from it: a copy of its folder, which it is stopped for. */
export async function startReplicatedServers(): Promise<ReplicatedServers> {
  const folder = temporaryFolder();
  // Nothing ends but what a test does.
  const settings = { autovacuum: 'off', wal_sender_timeout: '0' };
  const primary = await startPostgres({ folder: path.join(folder, 'primary'), durable: false, settings });
  await primary.stop();
  execFileSync('cp', ['-a', path.join(folder, 'primary'), path.join(folder, 'standby')]);
  const data = path.join(folder, 'standby/data');
  writeFileSync(path.join(data, 'standby.signal'), '');
  const { host, port, user, password } = primary;
  const conninfo = `host=${host} port=${port} user=${user} password=${password}`;
  // Not as the server's arguments, before which nothing that a test sets would come.
  appendFileSync(
    path.join(data, 'postgresql.auto.conf'),
    `primary_conninfo = '${conninfo}'\nwal_receiver_timeout = '1h'\n`,
  );
  await primary.restart();
  const standby = await startPostgres({ folder: path.join(folder, 'standby'), durable: false });
  let stalled: number | undefined;
  const resume = () => {
    if (stalled !== undefined) process.kill(stalled, 'SIGCONT');
    stalled = undefined;
  };
  return {
    primary,
    standby,
    onStandby: (sql) => query(standby, sql),
    async stall() {
      const pid = await until(
        async () => {
          const sql = `SELECT pid FROM pg_stat_replication WHERE state = 'streaming'`;
          return (await query(primary, sql))[0]?.pid;
        },
        { what: 'the standby to stream' },
      );
      stalled = Number(pid);
      process.kill(stalled, 'SIGSTOP');
    },
    resume,
    async stop() {
      resume();
      await standby.stop();
      await primary.stop();
    },
  };
}

async function query(server: PostgresServer, sql: string): Promise<TextRow[]> {
  const client = await connectText(server);
  try {
    const results = (await client.query<TextRow>(sql)) as QueryResult<TextRow> | QueryResult<TextRow>[];
    return (Array.isArray(results) ? results : [results]).at(-1)?.rows ?? [];
  } finally {
    await client.end();
  }
}
