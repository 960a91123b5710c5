import { Client } from 'pg';
import type { PostgresServer } from '../src/embedded/postgres';
import { pinSettings } from '../src/postgres/pinned-settings';

const STATEMENT_MS = 10 * 60_000;

type Address = Pick<PostgresServer, 'host' | 'port' | 'user' | 'password'>;

/** A database of the bench's server. Settings are pinned as Tidemark pins them, so that equal values have equal texts. */
export class Database {
  constructor(
    readonly server: Address,
    readonly name: string,
  ) {}

  /** Runs statements in a session of its own; returns the values of the last one's first row, as text. */
  async run(sql: string): Promise<string[]> {
    const client = await this.connect();
    try {
      // Several statements at once give a list of results.
      const results = [await client.query<string[]>({ text: sql, rowMode: 'array' })].flat();
      return results.at(-1)?.rows[0] ?? [];
    } finally {
      await client.end();
    }
  }

  /** A session whose values arrive as text. The caller ends it. */
  async connect(): Promise<Client> {
    const { host, port, user, password } = this.server;
    const types = { getTypeParser: () => String };
    const client = new Client({ host, port, user, password, database: this.name, types });
    client.on('error', () => undefined);
    await client.connect();
    const session = { statementTimeoutMs: STATEMENT_MS, idleInTransactionTimeoutMs: STATEMENT_MS };
    await pinSettings(client, { ...session, readOnly: false });
    return client;
  }

  get url(): string {
    const { host, port, user, password } = this.server;
    return `postgresql://${encodeURIComponent(user)}:${encodeURIComponent(password)}@${host}:${port}/${this.name}`;
  }

  /** Environment for libpq's programs; the password must not be an argument, where others can see it. */
  get environment(): NodeJS.ProcessEnv {
    const { host, port, user, password } = this.server;
    const address = { PGHOST: host, PGPORT: String(port), PGUSER: user, PGPASSWORD: password };
    return { ...process.env, ...address, PGDATABASE: this.name, PGOPTIONS: '' };
  }
}

export interface Contents {
  rows: number;
  /** Sum over the rows of a hash of their text: the order does not count, every duplicate does. */
  hash: string;
}

export async function contentsOf(database: Database, table: string, columns: string[]): Promise<Contents> {
  const row = `ROW(${columns.map((column) => `t.${column}`).join(', ')})::text`;
  const [rows = '', hash = ''] = await database.run(
    `SELECT count(*), coalesce(sum(hashtextextended(${row}, 0)), 0) FROM ${table} t`,
  );
  return { rows: Number(rows), hash };
}

/** @throws when the two tables do not hold the same rows */
export async function expectEqual(
  source: Database,
  destination: Database,
  tables: { source: string; destination: string; columns: string[] },
): Promise<number> {
  const [left, right] = await Promise.all([
    contentsOf(source, tables.source, tables.columns),
    contentsOf(destination, tables.destination, tables.columns),
  ]);
  if (left.rows === right.rows && left.hash === right.hash) return left.rows;
  throw new Error(
    `${tables.destination} does not hold what ${tables.source} holds: ${right.rows} rows of ${left.rows}` +
      (left.rows === right.rows ? ', of which some differ' : ''),
  );
}
