import { createDatabase, type TestDatabase } from '../support/database';
import { startProxy, targetOf } from '../support/proxy';
import { temporalAddress, uniqueName } from '../support/temporal';
import { expectNoLeak, folderWith, runCli } from './cli';

/** A configured Temporal that goes away once a command has connected to it, and asks for the sync by its name. */
let source: TestDatabase;
let destination: TestDatabase;
beforeAll(async () => {
  [source, destination] = await Promise.all([createDatabase(), createDatabase()]);
  await source.query('CREATE TABLE readings (at timestamptz PRIMARY KEY)');
});
afterAll(async () => {
  await Promise.all([source.drop(), destination.drop()]);
});

test('a command says that it is away, and which code it ends with', async () => {
  // All at once: most of their time they wait for it to come back.
  const codes = await Promise.all(
    ['pause', 'cancel', 'schedule show', 'verify', 'status'].map(async (command) => [
      command,
      await run(command),
    ]),
  );
  expect(Object.fromEntries(codes)).toEqual({
    pause: 4,
    cancel: 4,
    'schedule show': 4,
    verify: 4,
    status: 0,
  });
});

async function run(command: string): Promise<number | null> {
  const name = uniqueName();
  let closed: Promise<void> | undefined;
  const proxy = await startProxy(targetOf(temporalAddress()), (data) => {
    if (data.includes(name)) closed ??= proxy.close();
  });
  const folder = await folderWith({
    'tidemark.yaml': JSON.stringify({
      name,
      source: { url: source.url },
      destination: { url: destination.url },
      temporal: { address: proxy.address },
      tables: [{ name: 'readings', cursor: 'at' }],
    }),
  });
  const result = await runCli([...command.split(' '), '--json'], { folder });
  await (closed ?? proxy.close());
  expectNoLeak(result);
  expect(result.stdout).toContain(`Temporal at ${proxy.address} cannot be reached`);
  return result.code;
}
