import { type ChildProcess, fork } from 'node:child_process';
import path from 'node:path';
import type { RunOrder, RunResult } from './run';
import type { SlotAnswer } from './slot';

export interface SlotsOptions {
  parallel: number;
  postgresBin?: string | undefined;
  /** Of each run. */
  order?: Omit<RunOrder, 'seed'> | undefined;
}

/** Of the servers that the runs have. */
export interface Abilities {
  version: string;
  hypertables: boolean;
  disk: boolean;
}

/** Gives the seeds to processes that run them beside each other; tells of each as it ends. Stops where `enough` says so. */
export async function runSeeds(
  seeds: Iterable<number>,
  options: SlotsOptions,
  ended: (result: RunResult, abilities: Abilities | undefined) => void,
  enough: () => boolean = () => false,
): Promise<Abilities> {
  const left = seeds[Symbol.iterator]();
  let abilities: Abilities | undefined;
  const work = async (): Promise<void> => {
    let slot: Slot | undefined;
    for (let next = left.next(); !next.done && !enough(); next = left.next()) {
      const seed = next.value;
      try {
        slot ??= await startSlot(options.postgresBin);
        abilities ??= slot.abilities;
        ended(await slot.run({ seed, ...options.order }), abilities);
      } catch (error) {
        // What went wrong may have left its servers in any state.
        slot?.stop();
        slot = undefined;
        ended(failed(seed, error instanceof Error ? error.message : String(error)), abilities);
      }
    }
    slot?.stop();
  };
  await Promise.all(Array.from({ length: options.parallel }, work));
  if (!abilities) throw new Error('no servers could be started');
  return abilities;
}

function failed(seed: number, message: string): RunResult {
  return {
    ...{ seed, broken: [message], faults: [], rows: 0, transactions: 0, batches: 0 },
    ...{ syncs: 0, failures: 0, seconds: 0 },
  };
}

interface Slot {
  abilities: Abilities;
  run(order: RunOrder): Promise<RunResult>;
  stop(): void;
}

async function startSlot(postgresBin: string | undefined): Promise<Slot> {
  const child = fork(path.join(__dirname, 'slot.ts'), [postgresBin ?? ''], { execArgv: ['--import', 'tsx'] });
  const ready = await answerOf(child);
  if (!('ready' in ready)) throw new Error('error' in ready ? ready.error : 'a process was not ready');
  return {
    abilities: ready.ready,
    async run(order) {
      child.send(order);
      const answer = await answerOf(child);
      if ('result' in answer) return answer.result;
      throw new Error('error' in answer ? answer.error : 'a process did not answer');
    },
    stop: () => child.connected && child.disconnect(),
  };
}

function answerOf(child: ChildProcess): Promise<SlotAnswer> {
  return new Promise((resolve, reject) => {
    const ended = (): void => reject(new Error('the process of a run ended'));
    child.once('exit', ended);
    child.once('message', (message) => {
      child.off('exit', ended);
      resolve(message as SlotAnswer);
    });
  });
}
