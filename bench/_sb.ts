import { Client } from 'pg';
import { createPool, SOURCE_APPLICATION } from '../src/postgres/pool';
import { withClient } from '../src/postgres/with-client';
import { inReadTransaction } from '../src/source/read-transaction';
import { readRows } from '../src/source/read-rows';
import { readHorizon } from '../src/source/read-horizon';
import { copyOut } from '../src/source/copy-out';
import { describeError } from '../src/postgres/describe-error';
const endpoint = { host: '127.0.0.1', port: 54993, database: 'postgres', username: 'postgres', password: 'postgres', tls: false as const, maxConnections: 4, connectTimeoutMs: 5000, queryTimeoutMs: 60000 };
async function main() {
  const primary = new Client({ ...endpoint, port: 54991, user: 'postgres' }); await primary.connect();
  await primary.query('DROP TABLE IF EXISTS vac; CREATE TABLE vac AS SELECT n FROM generate_series(1,200000) n');
  const pool = createPool(endpoint, { applicationName: SOURCE_APPLICATION, readOnly: true, idleInTransactionTimeoutMs: 10000 });
  await new Promise(r => setTimeout(r, 1000));
  console.log(await withClient(pool, undefined, c => readHorizon(c, { kind: 'timestamptz', settleDelayMs: 1000 })));
  for (const lane of ['cursor', 'copy']) {
  const t = Date.now(); let n = 0;
  await withClient(pool, undefined, c => inReadTransaction(c, async () => {
    let first = true;
    const disturb = async () => { if (!first) return; first = false; await primary.query('DELETE FROM vac WHERE n % 3 = 0; '); await primary.query('VACUUM vac'); await new Promise(r => setTimeout(r, 1500)); };
    if (lane === 'cursor') for await (const r of readRows(c, { text: 'SELECT n, repeat(\'x\', 1000) FROM public.vac', values: [] }, { timeoutMs: 5000, wide: false })) { n += r.length; await disturb(); }
    else { const o = copyOut(c, 'COPY (SELECT n, repeat(\'x\', 1000) FROM public.vac) TO STDOUT', { timeoutMs: 5000 }); for await (const b of o.stream) { n += b.length; await disturb(); } await o.complete; }
  })).then(() => console.log(lane, n, 'no error'), e => console.log(lane, n, Date.now() - t, e.constructor.name, describeError(e, { end: 'source', endpoint })));
  await primary.query('INSERT INTO vac SELECT n*3 FROM generate_series(1,60000) n'); await new Promise(r => setTimeout(r, 500));
  }
  await withClient(pool, undefined, c => c.query('SELECT 1')); await pool.end(); await primary.end();
}
void main();
