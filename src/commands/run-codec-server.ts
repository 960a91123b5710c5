import type { Server } from 'node:http';
import { loadConfig } from '../config/load';
import { findRunningTemporal } from '../embedded/temporal';
import { createCodecServer } from '../temporal/serve-codec';
import { temporalOf } from '../temporal/temporal-of';
import type { CodecServerCommandOptions } from './codec-server';
import { CommandError } from './command-error';
import { exitCodes } from './exit-codes';
import { onInterrupt } from './interrupt';
import { listen, type Listening } from './listen';
import { formatAddress, type ListenAddress } from './listen-address';
import { embeddedFolder } from './open-temporal';
import { say } from './say';

/** Serves Temporal's remote codec protocol with a configuration's keys, until it is told to stop. */
export async function runCodecServer({
  config: file,
  host,
  port,
  origin,
  json,
}: CodecServerCommandOptions): Promise<number> {
  const config = await loadConfig(file);
  const { encryption } = config;
  if (!encryption)
    throw new CommandError(
      'configuration',
      `${config.file} encrypts nothing, so that there is nothing to decrypt`,
      'Write temporal: { encryption: … }, or name another file with -c FILE.',
    );
  const embedded = config.temporal ? undefined : await findRunningTemporal(embeddedFolder(config));
  const origins = new Set(origin ?? (embedded?.uiAddress === undefined ? [] : [embedded.uiAddress]));
  const { namespace } = temporalOf(config);
  const server = createCodecServer({ encryption, namespace, origins });
  const interruption = onInterrupt(() => undefined);
  let listening: Listening | undefined;
  try {
    listening = await listenAt(server, { host, port });
    const url = `http://${formatAddress(listening.address)}`;
    if (json) process.stdout.write(`${JSON.stringify({ ok: true, url, origins: [...origins] })}\n`);
    const pages =
      origins.size === 0 ? 'no web page may ask: --origin lists them' : `for ${[...origins].join(', ')}`;
    say(`Codec server at ${url} (${pages}). Ctrl-C ends it.`);
    await interruption.happened;
    return exitCodes.ok;
  } finally {
    listening?.stop();
    interruption.stop();
  }
}

async function listenAt(server: Server, address: ListenAddress): Promise<Listening> {
  try {
    return await listen(server, address);
  } catch {
    throw new CommandError(
      'connection',
      `The codec server cannot listen on ${address.host}, port ${address.port}`,
      'Another program may have it: name another with --port or --host.',
    );
  }
}
