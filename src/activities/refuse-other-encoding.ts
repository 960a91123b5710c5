import type { ClientBase } from 'pg';
import { z } from 'zod';
import { queryRow } from '../postgres/query';
import { bothEnded } from './both-ended';
import { Problem } from './problem';

/** Throws {@link Problem} where the two ends keep text in different bytes: each hashes its own, so none would be equal. */
export async function refuseOtherEncoding(reader: ClientBase, writer: ClientBase): Promise<void> {
  const [source, destination] = await bothEnded(readEncoding(reader), readEncoding(writer));
  if (source === destination) return;
  throw new Problem(
    'Configuration',
    `the source's encoding is ${source} and the destination's ${destination}, so that their hashes cannot be compared`,
    'Copy into a database of the same encoding (CREATE DATABASE … ENCODING) to compare it; syncs work as before.',
  );
}

async function readEncoding(client: ClientBase): Promise<string> {
  const { encoding } = await queryRow(
    client,
    z.object({ encoding: z.string() }),
    `SELECT current_setting('server_encoding') AS encoding`,
  );
  return encoding;
}
