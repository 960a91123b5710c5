// Compiles src/ to dist/, and bundles the workflows ahead, so that a worker starts without webpack.
// --clean removes what earlier builds left, for a package.
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const dist = path.join(root, 'dist');
const require = createRequire(import.meta.url);
const startedAt = new Date();

rmSync(path.join(dist, '.built'), { force: true });
if (process.argv.includes('--clean')) rmSync(dist, { recursive: true, force: true });

const tsc = spawnSync(
  process.execPath,
  [require.resolve('typescript/bin/tsc'), '-p', 'tsconfig.build.json'],
  {
    cwd: root,
    stdio: 'inherit',
  },
);
if (tsc.status !== 0) process.exit(tsc.status ?? 1);

const workflowsPath = path.join(dist, 'workflows/index.js');
if (existsSync(workflowsPath)) {
  const { bundleWorkflowCode, DefaultLogger } = await import('@temporalio/worker');
  // How payloads are read is part of the bundle. One for workers that encrypt: how failures are encoded is part of the bundle.
  for (const [name, failureConverterPath] of [
    ['workflow-bundle.js', undefined],
    ['workflow-bundle-encrypted.js', path.join(dist, 'workflows/encoded-failures.js')],
  ]) {
    const { code } = await bundleWorkflowCode({
      workflowsPath,
      workflowInterceptorModules: [path.join(dist, 'workflows/interceptors.js')],
      logger: new DefaultLogger('WARN'),
      payloadConverterPath: path.join(dist, 'workflows/payload-converter.js'),
      failureConverterPath,
    });
    writeFileSync(path.join(dist, name), code);
  }
}
// What the browser gets is served as it is.
cpSync(path.join(root, 'src/ui/page'), path.join(dist, 'ui/page'), { recursive: true });

const cli = path.join(dist, 'cli.js');
if (existsSync(cli)) chmodSync(cli, 0o755);

// A file that was saved while this ran is newer than its marker.
const marker = path.join(dist, '.built');
writeFileSync(marker, '');
utimesSync(marker, startedAt, startedAt);
