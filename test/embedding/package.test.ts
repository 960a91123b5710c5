import { execFile, type ChildProcess, spawn } from 'node:child_process';
import { cp, mkdir, readdir, rename, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { folderWith } from '../commands/cli';
import { createDatabase, type TestDatabase } from '../support/database';
import { connectTemporal, temporalAddress, uniqueName } from '../support/temporal';

/** The package as npm packs it, in a folder that has nothing else of this checkout but the dependencies. */
const root = path.resolve(__dirname, '../..');
const run = promisify(execFile);
const name = uniqueName('embedded').toLowerCase();
let folder: string;
let source: TestDatabase;
let destination: TestDatabase;
let worker: ChildProcess | undefined;

beforeAll(async () => {
  [source, destination] = await Promise.all([createDatabase(), createDatabase()]);
  await source.query(`
    CREATE TABLE readings (at timestamptz PRIMARY KEY);
    INSERT INTO readings SELECT timestamptz '2026-01-01' + n * interval '1 second' FROM generate_series(1, 500) n`);
  folder = await folderWith({
    'tidemark.yaml': JSON.stringify({
      name,
      source: { url: source.url },
      destination: { url: destination.url },
      temporal: { address: temporalAddress(), taskQueue: name },
      settleDelay: '1 ms',
      tables: ['readings'].map((table) => ({ name: table, cursor: 'at' })),
    }),
  });
  const modules = path.join(folder, 'node_modules');
  await mkdir(modules);
  for (const entry of await readdir(path.join(root, 'node_modules')))
    await symlink(path.join(root, 'node_modules', entry), path.join(modules, entry));
  await run('npm', ['pack', '--ignore-scripts', '--pack-destination', folder], { cwd: root });
  const [tarball = ''] = (await readdir(folder)).filter((file) => file.endsWith('.tgz'));
  await run('tar', ['-xzf', tarball], { cwd: folder });
  await rename(path.join(folder, 'package'), path.join(modules, 'tidemark'));
  await cp(path.join(modules, 'tidemark/examples/embedding'), path.join(folder, 'src'), { recursive: true });
});
afterAll(async () => {
  worker?.kill('SIGKILL');
  await Promise.all([source.drop(), destination.drop()]);
});

it.each([
  ['require.cjs', "const { createWorker, startSync } = require('tidemark');"],
  ['import.mjs', "import { createWorker, startSync } from 'tidemark';"],
])('%s', async (file, line) => {
  await writeFile(path.join(folder, file), `${line}\nconsole.log(typeof createWorker, typeof startSync);\n`);
  expect((await run(process.execPath, [file], { cwd: folder })).stdout).toBe('function function\n');
});

it('the examples have sound types, also of what the package declares, and no file but the exported ones is reached', async () => {
  const options = {
    ...{ target: 'ES2022', module: 'node16', strict: true, skipLibCheck: true, types: ['node'] },
    ...{ rootDir: 'src', outDir: 'out', exactOptionalPropertyTypes: true },
  };
  await writeFile(
    path.join(folder, 'tsconfig.json'),
    JSON.stringify({ compilerOptions: options, include: ['src'] }),
  );
  await run(process.execPath, [path.join(root, 'node_modules/typescript/bin/tsc'), '-p', folder]);
  const wrong =
    "import { loadConfig } from 'tidemark';\nexport const config: string = await loadConfig(1);\n";
  await writeFile(path.join(folder, 'wrong.mts'), wrong);
  const failed = await run(
    process.execPath,
    [
      path.join(root, 'node_modules/typescript/bin/tsc'),
      '--noEmit',
      '--module',
      'node16',
      '--target',
      'es2022',
      '--skipLibCheck',
      '--ignoreConfig',
      'wrong.mts',
    ],
    { cwd: folder },
  ).catch((error: unknown) => error as { stdout: string });
  expect(failed.stdout).toMatch(/TS2345/);
  await expect(
    run(process.execPath, ['-e', "require('tidemark/dist/worker')"], { cwd: folder }),
  ).rejects.toThrow('ERR_PACKAGE_PATH_NOT_EXPORTED');
});

it('a worker of one’s own runs its workflow around a sync; a foreign client starts the sync by name', async () => {
  worker = spawn(process.execPath, ['out/worker.js'], { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
  let log = '';
  worker.stderr?.on('data', (data: Buffer) => (log += data.toString()));
  const client = await connectTemporal();
  const announced: unknown = await client.workflow.execute('copyAndAnnounce', {
    taskQueue: name,
    workflowId: `${name}-announced`,
    args: [name],
  });
  expect(announced).toBe(`${name}: 500 rows copied`);

  await source.query(
    `INSERT INTO readings SELECT now() - n * interval '1 microsecond' FROM generate_series(1, 7) n`,
  );
  const env = { ...process.env, TEMPORAL_ADDRESS: temporalAddress(), TASK_QUEUE: name };
  const { stdout } = await run(process.execPath, ['out/start.js', name], { cwd: folder, env });
  expect(JSON.parse(stdout)).toMatchObject({
    sync: name,
    ok: true,
    tables: [{ table: 'public.readings', rows: 7 }],
  });

  const ended = new Promise((resolve) => worker?.once('close', resolve));
  worker.kill('SIGTERM');
  expect(await ended).toBe(0);
  expect(log).not.toMatch(/unhandled|Error:/i);
  await client.connection.close();
});
