import { readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { until } from '../test/support/poll';
import { AIM_MS, faults } from './faults';
import type { Fault, FaultKind } from './plan';
import { release, type Theatre } from './theatre';

/** How a fault went. */
export interface Injected {
  kind: FaultKind;
  /** The moment that a batch was at; undefined where none came there in time, or none was asked for. */
  point?: string;
  /** When it came, in milliseconds since 1970. */
  at: number;
  /** From then until a batch was committed again, the worker's or server's return included, where that was watched. */
  recoveryMs?: number;
}

export async function inject(theatre: Theatre, fault: Fault): Promise<Injected> {
  await pause(fault.afterMs);
  const { hold } = theatre.scene;
  const held = fault.point === undefined ? undefined : await aim(hold, fault.point);
  try {
    const injected = { kind: fault.kind, at: Date.now(), ...(held !== undefined && { point: fault.point }) };
    await faults[fault.kind](
      theatre,
      fault,
      theatre.scene.workers.find((one) => one.process.pid === held?.pid),
    );
    return injected;
  } finally {
    release(hold);
  }
}

/** Waits until a batch has come to the moment, and its worker stands still. */
async function aim(hold: string, point: string): Promise<{ pid: number } | undefined> {
  release(hold);
  writeFileSync(path.join(hold, point), '');
  const sprung = () => readdirSync(hold).find((file) => file.startsWith(`${point}.`));
  const held = await until(sprung, { timeout: AIM_MS }).catch(() => undefined);
  if (held === undefined) release(hold);
  return held === undefined ? undefined : { pid: Number(held.split('.').at(-1)) };
}
