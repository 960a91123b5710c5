import { mkdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { freePorts } from '../../src/embedded/free-port';
import { temporaryFolder } from '../../src/embedded/guarded-process';
import { startTemporal } from '../../src/embedded/temporal';
import { until } from '../support/poll';
import { connectTemporal, uniqueName } from '../support/temporal';

test('what was started survives that the server is killed, on the same port', async () => {
  const folder = path.join(temporaryFolder(), 'temporal');
  const first = await startTemporal({ folder });
  const client = await connectTemporal(first.address);
  const workflowId = uniqueName();
  await client.workflow.start('sync', { workflowId, taskQueue: uniqueName(), args: [] });
  await first.kill('SIGKILL');
  const second = await startTemporal({ folder, port: Number(first.address.split(':')[1]) });
  expect(second).toMatchObject({ address: first.address, attached: false });
  expect((await client.workflow.getHandle(workflowId).describe()).status.name).toBe('RUNNING');
  await client.connection.close();
  await second.stop();
});

test('several starts on one folder share one server', async () => {
  const folder = path.join(temporaryFolder(), 'temporal');
  const servers = await Promise.all([1, 2, 3].map(() => startTemporal({ folder, ui: true })));
  expect(servers.map(({ attached }) => attached).sort()).toEqual([false, true, true]);
  expect(new Set(servers.map(({ pid }) => pid)).size).toBe(1);
  for (const server of servers.filter(({ attached }) => attached)) await server.stop();
  await until(async () => (await fetch(servers[0]?.uiAddress ?? '')).ok, { what: "Temporal's page" });
  for (const server of servers) await server.stop();
});

test('the record of a server that is gone is replaced', async () => {
  const folder = path.join(temporaryFolder(), 'temporal');
  mkdirSync(folder, { mode: 0o755 });
  const gone = { pid: 2 ** 22 + 1, address: '127.0.0.1:1' };
  writeFileSync(path.join(folder, 'temporal.json'), JSON.stringify(gone));
  const server = await startTemporal({ folder });
  expect(server.attached).toBe(false);
  // Nobody else's: histories are in it.
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  await server.stop();
});

test('so is one whose process id is used again, as after a restart of the machine, and at once', async () => {
  const folder = path.join(temporaryFolder(), 'temporal');
  const record = path.join(folder, 'temporal.json');
  mkdirSync(folder);
  writeFileSync(record, JSON.stringify({ pid: process.pid, address: '127.0.0.1:1' }));
  utimesSync(record, new Date(), new Date(Date.now() - 3_600_000));
  const server = await startTemporal({ folder });
  expect(server.attached).toBe(false);
  await server.stop();
});

test('one that is starting is waited for, however slowly it opens its port', async () => {
  const [slow, folder] = [path.join(temporaryFolder(), 'slow'), path.join(temporaryFolder(), 'temporal')];
  const [port = 0] = await freePorts(1);
  mkdirSync(folder);
  writeFileSync(
    path.join(folder, 'temporal.json'),
    JSON.stringify({ pid: process.pid, address: `127.0.0.1:${port}` }),
  );
  const [other, server] = await Promise.all([
    startTemporal({ folder }),
    startTemporal({ folder: slow, port }),
  ]);
  expect([other.attached, server.attached]).toEqual([true, false]);
  await server.stop();
});

test('a folder that cannot be made is named, with what to do', async () => {
  const file = path.join(temporaryFolder(), 'a file');
  writeFileSync(file, '');
  await expect(startTemporal({ folder: path.join(file, 'temporal') })).rejects.toThrow(
    /^the folder .*a file\/temporal is to keep .* \(ENOTDIR\)\. Make it, writable for this user$/,
  );
});
