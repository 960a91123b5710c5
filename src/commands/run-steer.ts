import type { Config } from '../config/config';
import { loadConfig } from '../config/load';
import { ended } from './format';
import type { CommonOptions } from './options';
import { cancelRun, sendUpdate, type Steered, type Update } from './steer';

export interface SteerOptions extends CommonOptions {
  table?: string;
}

/** Sends an update to the sync's run under way, and tells what it came to once it has taken effect. */
export async function runSteer(
  options: SteerOptions,
  name: Update['name'],
  input?: Update['input'],
): Promise<number> {
  const config = await loadConfig(options.config);
  const { table } = options;
  const update = { name, ...(table !== undefined && { table }), ...(input && { input }) };
  print(config, options, await sendUpdate(config, options.config, update));
  return 0;
}

/** Cancels a run under way, and waits for it to end. */
export async function runCancel(
  run: 'sync' | 'reconcile' | 'verify',
  options: CommonOptions,
): Promise<number> {
  const config = await loadConfig(options.config);
  print(config, options, await cancelRun(config, options.config, run));
  return 0;
}

function print(config: Config, { json }: CommonOptions, { answer, text }: Steered): void {
  process.stdout.write(
    json ? `${JSON.stringify({ ok: true, sync: config.name, ...answer }, null, 2)}\n` : `${ended(text)}\n`,
  );
}
