import { Readable } from 'node:stream';
import { type Life, writeBatch } from '../../src/destination/write-batch';
import { tableSpecSchema } from '../../src/plan/table-spec';
import { until } from '../support/poll';
import { createDatabase } from '../support/database';
import { startProxy } from '../support/proxy';

const spec = tableSpecSchema.parse({
  source: { schema: 'public', name: 'readings' },
  destination: { schema: 'public', name: 'readings' },
  columns: [{ name: 'at', sourceType: 'bigint', destinationType: 'bigint' }],
  ...{ cursor: { column: 'at', kind: 'bigint' }, start: '0', key: [], mode: 'append' },
  ...{
    keyUnique: false,
    binary: false,
    wide: false,
    firstLoad: true,
    createdHere: true,
    cursorIndexed: false,
  },
});
const range = { lower: 0n, upper: 10n };

it('a batch without rows does not wait for ever for a destination that is gone without a word', async () => {
  const database = await createDatabase();
  const { host, port } = database.endpoint;
  const proxy = await startProxy({ host, port });
  await database.query('CREATE TABLE readings (at bigint)');
  const client = await database.connect({ host: proxy.host, port: proxy.port });
  await client.query('BEGIN');
  proxy.links.forEach((link) => link.freeze());

  // What keeps the attempt alive by a timer: nothing may, once the source has no more to give.
  const waits = new Set<symbol>();
  const life: Life = {
    wait() {
      const wait = Symbol();
      waits.add(wait);
      return () => void waits.delete(wait);
    },
    moved: () => () => undefined,
    while: (statement) => statement,
  };
  const read = async (consume: (stream: Readable) => Promise<void>): Promise<void> => {
    const stream = Readable.from([], { objectMode: false });
    await consume(stream);
  };
  const writing = writeBatch(client, {
    ...{
      spec,
      range,
      deletable: [range],
      rows: { format: 'text', read },
      straight: true,
      rewrite: false,
      life,
    },
    findAtSource: () => Promise.reject(new Error('nothing is looked for')),
  });
  const failed = expect(writing).rejects.toThrow();
  expect(waits.size).toBe(1);
  await until(() => waits.size === 0, { what: 'the end of the wait' });
  proxy.cutAll();
  await failed;
  await client.end();
  await proxy.close();
  await database.drop();
});
