import type { Server } from 'node:http';
import { type ConfiguredTable, configuredTables } from '../activities/configured-tables';
import type { Config } from '../config/config';
import { loadConfig } from '../config/load';
import { listTables } from '../source/list-tables';
import { isLoopback } from '../ui/host-name';
import { Polled } from '../ui/polled';
import { createPage } from '../ui/serve';
import { watchSync } from '../ui/watch-sync';
import { version } from '../version';
import { CommandError } from './command-error';
import { exitCodes } from './exit-codes';
import { onInterrupt } from './interrupt';
import { listen, type Listening } from './listen';
import { formatAddress, type ListenAddress } from './listen-address';
import { destinationLooker } from './look-at-destination';
import { sourceLooker } from './look-at-source';
import { TemporalLooker } from './look-at-temporal';
import { pageActions } from './page-actions';
import { describeFailure } from './report-error';
import { say } from './say';
import type { UiOptions } from './ui';
import { withSession } from './with-session';

const SOURCE_EVERY_MS = 5_000;
/** A server that takes one connection at a time is needed for copying. */
const LONE_SOURCE_EVERY_MS = 30_000;
const LIST_EVERY_MS = 60_000;

/** Serves the page until it is told to stop. */
export async function runUi(options: UiOptions): Promise<number> {
  refuseExposure(options);
  const config = await loadConfig(options.config);
  const actions = options.allowActions ? pageActions(config, options.config) : undefined;
  const temporal = new TemporalLooker(config, options.temporalUi);
  const named = configuredTables(config, []).map(({ name }) => name);
  const watched = watchSync(
    { sync: config.name, version: version(), actions: actions !== undefined, named },
    {
      temporal: () => temporal.look(),
      destination: destinationLooker(config, tablesOf(config)),
      source: sourceLooker(config),
      sourceEveryMs: config.source.maxConnections === 1 ? LONE_SOURCE_EVERY_MS : SOURCE_EVERY_MS,
      describe,
    },
  );
  const interruption = onInterrupt(() => undefined);
  const page = await createPage({
    names: options.allowHost ?? [],
    snapshot: watched.snapshot,
    actions,
  });
  const { address, stop } = await listenAt(page, options);
  // What stands behind # is sent to nobody: the page keeps it.
  const key = actions ? `#${actions.token}` : '';
  const url = `http://${formatAddress({ host: options.host, port: address.port })}/${key}`;
  process.stdout.write(`${options.json ? JSON.stringify({ ok: true, url }) : url}\n`);
  say(
    actions
      ? `Shows ${config.name}. Whoever has this address may steer its runs. Ctrl-C ends it.`
      : `Shows ${config.name}, and changes nothing. Ctrl-C ends it.`,
  );
  await interruption.happened;
  stop();
  await temporal.close();
  interruption.stop();
  return exitCodes.ok;
}

function refuseExposure({ host, expose, allowActions, allowHost }: UiOptions): void {
  if (allowActions && (expose || allowHost || !isLoopback(host)))
    throw new CommandError(
      'usage',
      '--allow-actions is for this machine alone: it goes with no other --host, nor --expose or --allow-host',
      'From elsewhere, reach it by a tunnel: ssh -L 8234:127.0.0.1:8234 HOST',
    );
  if (expose || isLoopback(host)) return;
  throw new CommandError(
    'usage',
    `--host ${host} can be reached by others, and the page has no login`,
    'Add --expose if a network or a proxy before it decides who may look.',
  );
}

async function listenAt(server: Server, { host, port }: ListenAddress): Promise<Listening> {
  try {
    return await listen(server, { host, port });
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'EADDRINUSE')
      throw new CommandError(
        'usage',
        `something listens on ${host}:${port} already`,
        'Choose another --port, or 0 for any.',
      );
    if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
      throw new CommandError('usage', `this machine has no address ${host}`, 'Give --host one that it has.');
    if (code === 'EACCES')
      throw new CommandError('usage', `port ${port} needs privileges`, 'Choose a --port from 1024 on.');
    throw error;
  }
}

/** A configuration that has patterns needs the source's list of tables; undefined while that is not known. */
function tablesOf(config: Config): () => Promise<ConfiguredTable[] | undefined> {
  if (config.tables.every(({ name }) => name)) return () => Promise.resolve(configuredTables(config, []));
  const existing = new Polled(() => withSession(config, 'source', listTables), {
    everyMs: LIST_EVERY_MS,
    describe,
  });
  return async () => {
    const { value } = await existing.get();
    return value && configuredTables(config, value);
  };
}

function describe(error: unknown): string {
  return describeFailure(error).lines.join(' ');
}
