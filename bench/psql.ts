import { spawn, spawnSync } from 'node:child_process';
import type { Database } from './database';
import type { Table } from './tables';

/** psql's version. @throws, saying what to install, when it is not there: the embedded PostgreSQL comes without it. */
export function psqlVersion(): string {
  const { status, stdout } = spawnSync('psql', ['--version'], { encoding: 'utf8' });
  if (status === 0) return stdout.trim();
  throw new Error(
    'psql is not on PATH, and the bench measures against it. Install a PostgreSQL client: ' +
      '"apt install postgresql-client", "dnf install postgresql" or "brew install libpq" (and put its bin folder on PATH).',
  );
}

export interface Pipe {
  source: Database;
  destination: Database;
  table: Table;
  /** The table at the destination, which must be there. */
  target: string;
  /** Copies these rows only. */
  where?: string;
}

/** `psql COPY | psql COPY`, in text, straight into the keyed table: what one would do by hand. Returns seconds. */
export function copyStraight({ target, ...pipe }: Pipe): Promise<number> {
  return run(pipe, [`COPY ${target} (${pipe.table.columns.join(', ')}) FROM STDIN`]);
}

/** The same into a staging table, and from there INSERT … ON CONFLICT: what is done by hand when rows may be there. */
export function copyAndUpsert({ target, ...pipe }: Pipe): Promise<number> {
  const { columns, key } = pipe.table;
  const list = columns.join(', ');
  const others = columns.filter((column) => !key.includes(column));
  const set = others.map((column) => `${column} = excluded.${column}`).join(', ');
  return run(pipe, [
    `CREATE TEMP TABLE staging AS SELECT ${list} FROM ${target} WITH NO DATA`,
    `COPY staging FROM STDIN`,
    `INSERT INTO ${target} (${list}) SELECT ${list} FROM staging ON CONFLICT (${key.join(', ')}) DO UPDATE SET ${set}`,
  ]);
}

/** `SELECT count(*), sum(hash of the row's text)` of a table, which is what one would compare two by. Returns seconds. */
export async function countAndHash(database: Database, table: string): Promise<number> {
  const startedAt = performance.now();
  const select = `SELECT count(*), sum(hashtextextended(t::text, 0)) FROM ${table} t`;
  await ended(psql(database, [select], ['ignore', 'ignore', 'inherit']));
  return (performance.now() - startedAt) / 1000;
}

async function run(
  { source, destination, table, where }: Omit<Pipe, 'target'>,
  statements: string[],
): Promise<number> {
  const select = `SELECT ${table.columns.join(', ')} FROM ${table.name}${where === undefined ? '' : ` WHERE ${where}`}`;
  const startedAt = performance.now();
  const reader = psql(source, [`COPY (${select}) TO STDOUT`], ['ignore', 'pipe', 'inherit']);
  const writer = psql(destination, statements, [reader.stdout ?? 'ignore', 'ignore', 'inherit']);
  await Promise.all([ended(reader), ended(writer)]);
  return (performance.now() - startedAt) / 1000;
}

type Stdio = Parameters<typeof spawn>[2]['stdio'];

function psql(database: Database, statements: string[], stdio: Stdio) {
  const options = ['--no-psqlrc', '--quiet', '--set=ON_ERROR_STOP=1'];
  return spawn('psql', [...options, ...statements.flatMap((statement) => ['-c', statement])], {
    env: database.environment,
    stdio,
  });
}

function ended(child: ReturnType<typeof psql>): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`psql ended with exit code ${code}.`));
    });
  });
}
