// A worker as a process of its own, over the built dist/. It writes down each moment that its batches come to, and
// sends itself a signal at the one that it is told. Its task is the JSON in TIDEMARK_TEST_WORKER: see worker-process.ts.
const { appendFileSync, existsSync, renameSync } = require('node:fs');
const path = require('node:path');

const task = JSON.parse(process.env.TIDEMARK_TEST_WORKER);
const { config, address, taskQueue, trace, slowMs, lingerMs, act, hold } = task;
const dist = task.dist ?? path.resolve(__dirname, '../../dist');
const { loadConfig } = require(path.join(dist, 'config/load.js'));
const { connectWorker } = require(path.join(dist, 'temporal/connect.js'));
const { createWorker } = require(path.join(dist, 'worker.js'));

const started = Date.now();
const write = (line) => appendFileSync(trace, `${JSON.stringify({ ms: Date.now() - started, ...line })}\n`);
const sleep = (milliseconds) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);

const later = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
const HOLD_MS = 5_000;

/** Stops where somebody waits for this moment. */
function holdAt(moment) {
  const held = path.join(hold, `${moment}.${process.pid}`);
  try {
    renameSync(path.join(hold, moment), held);
  } catch {
    return;
  }
  for (const end = Date.now() + HOLD_MS; existsSync(held) && Date.now() < end;) sleep(5);
}

const times = {};
let acted = false;
function reached(moment, { table, interval }) {
  write({ moment, table, interval: interval.id, position: interval.position });
  if (moment === 'locked' && slowMs) sleep(slowMs);
  if (hold) holdAt(moment);
  const linger = lingerMs && moment !== 'mid-copy' ? later(lingerMs) : undefined;
  if (acted || act?.moment !== moment || act.tables?.includes(table) === false) return linger;
  const counted = act.tables ? table : 'any';
  times[counted] = (times[counted] ?? 0) + 1;
  if (times[counted] !== act.time) return linger;
  acted = true;
  write({ moment: 'acting', table, interval: interval.id, position: interval.position });
  process.kill(process.pid, act.signal);
  // The signal may arrive a little after the call returns; nothing may happen meanwhile.
  sleep(200);
}

async function main() {
  const connection = await connectWorker({ address, namespace: 'default' });
  const configs = [await loadConfig(config)];
  const worker = await createWorker({ configs, connection, namespace: 'default', taskQueue, reached });
  process.once('SIGTERM', () => {
    write({ moment: 'terminating' });
    worker.shutdown();
  });
  write({ moment: 'ready' });
  await worker.run();
  await connection.close();
}

main().then(
  () => process.exit(0),
  (error) => {
    console.error(error);
    process.exit(1);
  },
);
