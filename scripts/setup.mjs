// Sets up a checkout so that `npm run demo`, `npm test`, `npm run bench` and `npm run tidemark` work in a fresh clone:
// installs the dependencies and builds, each only where needed. Writes to stderr alone, and nothing if all is there.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');

if (!isInstalled()) {
  const npm = process.env.npm_execpath ? [process.execPath, process.env.npm_execpath] : ['npm'];
  run('installing dependencies', [...npm, 'ci', '--no-audit', '--no-fund']);
}
if (!isBuilt()) run('building', [process.execPath, path.join(root, 'scripts/build.mjs')]);

/** Whether every package of package-lock.json is there, by npm's own note of what it installed, which it writes last. */
function isInstalled() {
  const note = path.join(root, 'node_modules/.package-lock.json');
  if (!existsSync(note)) return false;
  const wanted = Object.entries(packages(path.join(root, 'package-lock.json')));
  const installed = packages(note);
  // Optional packages are for other platforms, or missing for a reason.
  return wanted.every(
    ([name, { version, optional, devOptional }]) =>
      name === '' || optional || devOptional || installed[name]?.version === version,
  );
}

function packages(lockFile) {
  return JSON.parse(readFileSync(lockFile, 'utf8')).packages;
}

/** Whether nothing that the build reads is newer than the build. */
function isBuilt() {
  const marker = path.join(root, 'dist/.built');
  if (!existsSync(marker)) return false;
  const built = statSync(marker).mtimeMs;
  const sources = readdirSync(path.join(root, 'src'), { recursive: true }).map((file) =>
    path.join('src', file),
  );
  return [...sources, 'package-lock.json', 'tsconfig.json', 'tsconfig.build.json', 'scripts/build.mjs'].every(
    (file) => statSync(path.join(root, file)).mtimeMs <= built,
  );
}

function run(what, [command, ...args]) {
  process.stderr.write(`Tidemark: ${what} …\n`);
  const { status, signal, error } = spawnSync(command, args, {
    cwd: root,
    stdio: ['ignore', process.stderr, process.stderr],
  });
  if (status === 0) return;
  const how = error?.message ?? (signal ? `ended by ${signal}` : `exit code ${status}`);
  process.stderr.write(`Tidemark: ${what} failed (${how}).\n`);
  process.exit(signal === 'SIGINT' ? 130 : 1);
}
