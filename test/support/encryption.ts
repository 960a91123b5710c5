import { randomBytes } from 'node:crypto';
import type { Encryption } from '../../src/config/config';

/** Encrypts with the first of these keys; each is made when it is first named. */
export function encryptionWith(...ids: [string, ...string[]]): Encryption {
  const keys = ids.map((id) => [id, keyOf(id)] as const);
  return { key: ids[0], keys: new Map(keys), acceptPlaintext: false };
}

const known = new Map<string, Buffer>();

export function keyOf(id: string): Buffer {
  const key = known.get(id) ?? randomBytes(32);
  known.set(id, key);
  return key;
}
