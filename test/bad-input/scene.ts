import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { main } from '../../src/commands/main';
import { createDatabase, type TestDatabase } from '../support/database';
import { CANARY } from './garbage';

export interface Refused {
  code: number;
  stdout: string;
  stderr: string;
}

/** A folder, and a database that is both ends: with something in it that must not change. */
export interface Scene {
  folder: string;
  /** A good configuration, to be made bad. */
  good: () => Record<string, unknown>;
  /** Writes `tidemark.yaml` and runs a command with it, in this process, by the function that the command line calls. */
  run: (args: string[], file?: string | Uint8Array) => Promise<Refused>;
  /** @throws when the destination is not what it was */
  expectUnchanged: () => Promise<void>;
  end: () => Promise<void>;
}

export async function openScene(): Promise<Scene> {
  const database = await createDatabase();
  await database.query(
    `CREATE TABLE kept (id int PRIMARY KEY, time timestamptz, note text);
     INSERT INTO kept SELECT i, now(), 'n' || i FROM generate_series(1, 50) i`,
  );
  const folder = await mkdtemp(path.join(tmpdir(), 'tidemark-bad-'));
  const file = path.join(folder, 'tidemark.yaml');
  const before = await stateOf(database);
  // No file or variable of the machine that runs the tests gets in.
  process.env['TEMPORAL_CONFIG_FILE'] = '/nowhere/temporal.toml';
  return {
    folder,
    good: () => ({
      name: 'plant',
      source: { url: database.url },
      destination: { url: database.url },
      tables: [{ name: 'kept', cursor: 'time', target: 'copied' }],
    }),
    async run(args, contents) {
      if (contents !== undefined) await writeFile(file, contents);
      return captured(() => main(['node', 'tidemark', ...args.map((arg) => (arg === 'FILE' ? file : arg))]));
    },
    expectUnchanged: async () => expect(await stateOf(database)).toEqual(before),
    async end() {
      await Promise.all([database.drop(), rm(folder, { recursive: true })]);
    },
  };
}

async function captured(run: () => Promise<number>): Promise<Refused> {
  const written = { stdout: '', stderr: '' };
  const spies = (['stdout', 'stderr'] as const).map((stream) =>
    jest.spyOn(process[stream], 'write').mockImplementation((text) => {
      written[stream] += text.toString();
      return true;
    }),
  );
  try {
    return { code: await run(), ...written };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

/** Every relation, column and row. */
async function stateOf(database: TestDatabase): Promise<unknown> {
  const { rows } = await database.query(
    `SELECT (SELECT string_agg(format('%s %s %s', relnamespace, relname, relkind), ',' ORDER BY oid) FROM pg_class
             WHERE oid >= 16384) AS relations,
            (SELECT count(*) FROM pg_attribute WHERE attrelid >= 16384) AS columns,
            (SELECT string_agg(nspname, ',' ORDER BY oid) FROM pg_namespace) AS schemas,
            (SELECT sum(hashtextextended(k::text, 0)) FROM kept k) AS rows`,
  );
  return rows;
}

/** Refused with this exit code, each line a cause and a remedy; no stack, nothing of a secret, no sign that steers. */
export function expectRefused({ code, stdout, stderr }: Refused, wanted: number, what = ''): void {
  // Whatever was given, and what came of it, for whom it fails for.
  if (code !== wanted) throw new Error(`${what}: exit code ${code} instead of ${wanted}: ${stderr}${stdout}`);
  const shown = stderr + stdout;
  const lines = shown.trimEnd().split('\n');
  expect(shown).toMatch(/[^.]{4,}[.(\n]\s*[A-Z(]/);
  expect(lines.length).toBeLessThan(60);
  for (const line of lines) expect(line.length).toBeLessThan(1_000);
  expect(shown).not.toMatch(/^ {4}at /m);
  expect(shown).not.toMatch(/unexpected error|undefined|\[object/);
  expect(shown).not.toContain(CANARY);

  expect(shown).not.toMatch(/[\0-\x09\x0b-\x1f\x7f]/);
}
