import { resolve } from 'node:path';
import type { Encryption } from './config';
import type { Path, Problems } from './problems';
import { describeFileError } from './read-document';
import { readTextFile } from './read-text-file';
import type { EncryptionKeys } from './temporal-settings';

const KEY_BYTES = 32;
const HOW = 'Make one with: openssl rand -base64 32';

/** Reads the keys that `temporal.encryption` names. Undefined: it is not there, or problems were added. */
export async function resolveEncryption(
  written: EncryptionKeys | undefined,
  folder: string,
  problems: Problems,
): Promise<Encryption | undefined> {
  if (!written) return undefined;
  const path = ['temporal', 'encryption'];
  const { key, acceptPlaintext = false } = written;
  if (!Object.hasOwn(written.keys, key))
    problems.add(
      [...path, 'key'],
      'keys holds no key of this ID',
      'Add it to keys, or name one that is there',
    );
  const read = Object.entries(written.keys).map(async ([id, where]): Promise<[string, Buffer][]> => {
    const at = [...path, 'keys', id];
    const text = typeof where === 'string' ? where : await readKeyFile(where.file, at, folder, problems);
    const bytes = text === undefined ? undefined : parseKey(text, at, problems);
    return bytes ? [[id, bytes]] : [];
  });
  const keys = new Map((await Promise.all(read)).flat());
  return { key, keys, acceptPlaintext };
}

async function readKeyFile(
  file: string,
  at: Path,
  folder: string,
  problems: Problems,
): Promise<string | undefined> {
  try {
    return await readTextFile(resolve(folder, file));
  } catch (error) {
    const { message, remedy } = describeFileError(
      error,
      'Correct the path; it is relative to the configuration file',
    );
    problems.add([...at, 'file'], `'${file}': ${message}`, remedy);
    return undefined;
  }
}

/** Node reads whatever looks a little like base64: only what comes out the same way is taken. */
function parseKey(text: string, at: Path, problems: Problems): Buffer | undefined {
  const written = text.trim();
  const bytes = Buffer.from(written, 'base64');
  if (bytes.toString('base64') !== written) problems.add(at, 'this is not a key in base64', HOW);
  else if (bytes.length !== KEY_BYTES)
    problems.add(at, `this key has ${bytes.length} bytes, not ${KEY_BYTES}`, HOW);
  else return bytes;
  return undefined;
}
