import type { Environment } from '../environment';
import type { Table } from '../tables';
import type { Contestant, Load } from './contestant';
import { quiet, rowsRead, rowsArrived } from './counters';

const LIMIT_MS = 10 * 60_000;
const LOOK_MS = 20;
const TOO_LATE = 'it was over before it could be killed';
/** It is killed when so much of its rows has arrived, or after so much of its time if that does not show. */
const KILL_AT = { rows: 0.3, time: 0.5 };

/** One load from nothing: its seconds, and how many rows the source's server read for it. */
export async function loadOnce(
  environment: Environment,
  contestant: Contestant,
  table: Table,
): Promise<{ seconds: number; read: number }> {
  await fresh(environment, contestant, table);
  const before = await rowsRead(environment.source, table);
  const seconds = await within(await contestant.start(table));
  await quiet(environment);
  return { seconds, read: (await rowsRead(environment.source, table)) - before };
}

/** A load that is killed in the middle and started again: how many rows were read more than without that. */
export async function crash(
  environment: Environment,
  contestant: Contestant,
  { table, rows, seconds, read }: { table: Table; rows: number; seconds: number; read: number },
): Promise<number> {
  await fresh(environment, contestant, table);
  const before = await rowsRead(environment.source, table);
  const load = await contestant.start(table);
  await middle(environment, contestant, load, { table, rows, seconds });
  load.kill();
  // Tidemark's run is not over by this: it goes on with the next worker.
  if (contestant.endsWhenKilled && (await ended(load))) throw new Error(TOO_LATE);
  await quiet(environment);
  await within(await contestant.start(table));
  await quiet(environment);
  return (await rowsRead(environment.source, table)) - before - read;
}

/** Returns in the middle of a load. */
async function middle(
  { destination }: Environment,
  contestant: Contestant,
  load: Load,
  { table, rows, seconds }: { table: Table; rows: number; seconds: number },
): Promise<void> {
  const over = load.done.then(() => {
    throw new Error(TOO_LATE);
  });
  over.catch(() => undefined);
  const enough = Math.ceil(KILL_AT.rows * rows);
  const deadline = performance.now() + (contestant.stages ? KILL_AT.time * seconds * 1000 : LIMIT_MS);
  while (performance.now() < deadline) {
    const arrived = contestant.stages ? 0 : await rowsArrived(destination, contestant.target(table), enough);
    if (arrived >= enough) return;
    await Promise.race([over, new Promise((resolve) => setTimeout(resolve, LOOK_MS))]);
  }
}

/** Whether a killed load ended well all the same. */
async function ended({ done }: Load): Promise<boolean> {
  return done.then(
    () => true,
    () => false,
  );
}

async function fresh({ destination }: Environment, contestant: Contestant, table: Table): Promise<void> {
  await contestant.forget(table);
  await destination.run('CHECKPOINT');
}

async function within({ done, kill }: Load): Promise<number> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      kill();
      reject(new Error(`not done within ${LIMIT_MS / 60_000} minutes`));
    }, LIMIT_MS);
  });
  try {
    return await Promise.race([done, late]);
  } finally {
    clearTimeout(timer);
  }
}
