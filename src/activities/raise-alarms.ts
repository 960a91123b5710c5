import { ApplicationFailure, cancellationSignal, log } from '@temporalio/activity';
import type { AlarmConfig } from '../config/config';
import { type Alarm, type Observation, weighHealth, type Weighed, type WatchedTables } from '../plan/alarms';
import { type Dependencies, resourcesOf } from './dependencies';

export interface RaiseInput {
  sync: string;
  /** As the last call returned them. */
  tables: WatchedTables;
  observations: Observation[];
}

/** What is known of the tables now, and when to look again; `off` where the configuration has no alarms any more. */
export type Raised = Omit<Weighed, 'alarms'> & { off?: true };

const ANSWER_MS = 10_000;

/**
 * Sends what has changed to the configured webhook, in one request. Retried by Temporal until the receiver takes it; a
 * worker that dies between its answer and the activity's end sends it again.
 */
export async function raiseAlarms(
  dependencies: Dependencies,
  { sync, tables, observations }: RaiseInput,
): Promise<Raised> {
  const { alarms } = resourcesOf(dependencies, sync).config;
  if (!alarms) return { tables: {}, off: true };
  const { alarms: raised, ...weighed } = weighHealth(
    tables,
    observations,
    (dependencies.now ?? Date.now)(),
    alarms.lagMs,
  );
  if (raised.length > 0) {
    await post(alarms, alarms.format === 'slack' ? slack(sync, raised) : { sync, alarms: raised });
    log.info('alarms sent', { sync, tables: raised.map(({ table, health }) => `${table}: ${health}`) });
  }
  return weighed;
}

/** Slack and what speaks as it does (Mattermost, Discord's /slack): https://api.slack.com/messaging/webhooks */
function slack(sync: string, alarms: Alarm[]): object {
  const line = ({ table, health, message }: Alarm): string =>
    `${health === 'copied' ? ':white_check_mark:' : ':rotating_light:'} *${escape(sync)}* \`${escape(table)}\` ${health === 'copied' ? 'recovered' : health}: ${escape(message)}`;
  const shown = alarms.slice(0, MOST_LINES).map(line);
  const more = alarms.length - shown.length;
  return { text: [...shown, ...(more > 0 ? [`… and ${more} more`] : [])].join('\n') };
}

/** A message that nobody could read helps nobody. */
const MOST_LINES = 20;

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

async function post({ webhook }: AlarmConfig, body: object): Promise<void> {
  const { host } = new URL(webhook);
  let status: number;
  try {
    const answer = await fetch(webhook, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      redirect: 'manual',
      signal: AbortSignal.any([cancellationSignal(), AbortSignal.timeout(ANSWER_MS)]),
    });
    ({ status } = answer);
    await answer.body?.cancel();
  } catch {
    // The error may hold the URL, which is a secret.
    throw ApplicationFailure.create({
      type: 'Alarm',
      message: `the alarms' webhook at ${host} cannot be reached. It is tried again.`,
    });
  }
  if (status >= 200 && status < 300) return;
  const passing = status === 408 || status === 429 || status >= 500;
  throw ApplicationFailure.create({
    type: 'Alarm',
    message: `the alarms' webhook at ${host} answered ${status}. ${passing ? 'It is tried again.' : 'Correct alarms.webhook in the configuration.'}`,
    nonRetryable: !passing,
  });
}
