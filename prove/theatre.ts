import { readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { until } from '../test/support/poll';
import type { Scene, SceneWorker } from './scene';
import type { Writers } from './writers';

const HEAL_AGAIN_MS = 500;

/** What faults work on, and what has to be set right after the last. */
export interface Theatre {
  scene: Scene;
  writers: Writers;
  /** Undone when the run comes to its quiet end, at the latest. */
  healers: Set<() => unknown>;
  /** Workflow IDs of further runs of the sync, and where they run. */
  others: { workflowId: string; address: string }[];
  /** Tables that are gone for good. */
  dropped: Set<string>;
}

/** Undoes it after a while, or at the quiet end of the run where that comes first. */
export function later({ healers }: Theatre, heal: () => unknown, milliseconds: number): void {
  const attempt = (): void => {
    if (!healers.delete(heal)) return;
    // Its server may be away by now, for another fault: no run is to suffer this one longer than that.
    void Promise.resolve(heal()).catch(() => {
      healers.add(heal);
      setTimeout(attempt, HEAL_AGAIN_MS);
    });
  };
  healers.add(heal);
  setTimeout(attempt, milliseconds);
}

/** Waits for a while, and undoes it; at the quiet end of the run where that fails. */
export async function lasting(
  { healers }: Theatre,
  heal: () => Promise<unknown>,
  milliseconds: number,
): Promise<void> {
  healers.add(heal);
  await pause(milliseconds);
  await heal();
  healers.delete(heal);
}

export async function healAll({ healers }: Theatre): Promise<void> {
  for (const heal of healers) {
    healers.delete(heal);
    await patiently(heal, 'a fault to be undone');
  }
}

/** The fault before may not be over: a server is away, or its disk full. */
export async function patiently(act: () => unknown, what = 'a server to take a fault'): Promise<void> {
  await until(async () => (await act(), true), { timeout: 60_000, what });
}

/** Each Temporal has a worker that runs. */
export async function keepWorking({ scene, others }: Theatre): Promise<void> {
  for (const address of new Set([scene.arena.temporalAddress, ...others.map((other) => other.address)])) {
    const works = (one: SceneWorker) =>
      one.address === address && one.process.ended === undefined && !one.paused;
    if (!scene.workers.some(works)) await scene.startWorker(address);
  }
}

/** Lets whoever stands still go on. */
export function release(hold: string): void {
  for (const file of readdirSync(hold)) rmSync(path.join(hold, file), { force: true });
}
