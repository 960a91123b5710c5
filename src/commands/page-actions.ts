import { randomBytes } from 'node:crypto';
import type { Config } from '../config/config';
import { asUnreachable } from '../temporal/as-unreachable';
import { hasWorker } from '../temporal/task-queue';
import type { Action, Actions } from '../ui/actions';
import { beginSync } from './begin-sync';
import { CommandError } from './command-error';
import { noWorker } from './follow-through';
import { ended, formatSecond } from './format';
import { findTemporal } from './open-temporal';
import { describeFailure } from './report-error';
import { formatSince } from './run-under-way';
import { say } from './say';
import { cancelRun, sendUpdate } from './steer';

/** What the page may do: what commands do, in their words. Each is told on stderr as well. */
export function pageActions(config: Config, file: string): Actions {
  return {
    token: randomBytes(32).toString('base64url'),
    async act(action) {
      const result = await perform(config, file, action).then(
        (text) => ({ ok: true, message: ended(text) }),
        (error: unknown) => ({ ok: false, message: describeFailure(error).lines.join(' ') }),
      );
      const asked = 'table' in action ? `${action.action} ${action.table}` : action.action;
      say(`${formatSecond(new Date().toISOString())} UTC, by the page: ${asked}. ${result.message}`);
      return result;
    },
  };
}

async function perform(config: Config, file: string, action: Action): Promise<string> {
  if (action.action === 'sync') return begin(config, file);
  if (action.action === 'cancel') return (await cancelRun(config, file, 'sync')).text;
  const { action: name, ...table } = action;
  return (await sendUpdate(config, file, { name, ...table })).text;
}

async function begin(config: Config, file: string): Promise<string> {
  const temporal = await findTemporal(config);
  if (!temporal)
    throw new CommandError(
      'notNow',
      'nothing can run: the embedded Temporal server is down',
      `Start it, with a worker: tidemark worker -c ${file}`,
    );
  try {
    const { before } = await beginSync(temporal, config);
    const text = before
      ? `A run is under way already, since ${formatSince(before)}`
      : `A run of ${config.name} is begun`;
    return (await hasWorker(temporal)) ? text : `${text}. ${noWorker(temporal, file)}`;
  } catch (error) {
    throw asUnreachable(temporal.config.address, error);
  } finally {
    await temporal.close();
  }
}
