import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { isAlive } from '../../src/embedded/is-alive';
import { until } from '../support/poll';

const EMBEDDED = path.resolve(__dirname, '../../dist/embedded');

/** A program that starts all embedded servers, prints their process ids and folder, and goes on. */
const PROGRAM = `
  const { temporaryFolder } = require('${EMBEDDED}/guarded-process.js');
  const { startPostgres } = require('${EMBEDDED}/postgres.js');
  const { startTemporal } = require('${EMBEDDED}/temporal.js');
  const { startTimescale } = require('${EMBEDDED}/timescale.js');
  const folder = temporaryFolder();
  Promise.all([
    startPostgres({ folder: folder + '/postgres', durable: false }),
    startTemporal({ folder: folder + '/temporal' }),
    startTimescale({ folder: folder + '/timescale' }),
  ]).then((servers) => {
    console.log(JSON.stringify({ folder, pids: servers.map(({ pid }) => pid) }));
    setInterval(() => undefined, 1000);
  });
`;

async function startProgram() {
  const child = spawn(process.execPath, ['-e', PROGRAM], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.on('data', (data: Buffer) => (output += data.toString()));
  await until(() => output.includes('\n'), { what: 'the program to be ready' });
  return { child, ...(JSON.parse(output) as { folder: string; pids: number[] }) };
}

test('a program that is killed leaves no process and no temporary folder', async () => {
  const { child, folder, pids } = await startProgram();
  expect(pids.map(isAlive)).toEqual([true, true, true]);
  child.kill('SIGKILL');
  await until(() => !pids.some(isAlive) && !existsSync(folder), { what: 'all to be gone' });
});

test('servers that were paused are gone as well', async () => {
  const { child, folder, pids } = await startProgram();
  for (const pid of pids) process.kill(pid, 'SIGSTOP');
  child.kill('SIGKILL');
  await until(() => !pids.some(isAlive) && !existsSync(folder), { what: 'all to be gone' });
});
