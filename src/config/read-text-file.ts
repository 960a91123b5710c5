import { open } from 'node:fs/promises';

/** Beyond what any configuration, key or certificate takes; a device such as /dev/zero never ends. */
const MOST_BYTES = 16 * 1024 * 1024;
const PIECE_BYTES = 64 * 1024;

/** A file that can be read, and is not what it should be. */
export class UnfitFile extends Error {
  constructor(
    message: string,
    readonly remedy: string,
  ) {
    super(message);
  }
}

/** A text file in UTF-8, as a whole. Throws {@link UnfitFile}, or what the file system says. */
export async function readTextFile(path: string): Promise<string> {
  const bytes = await readBytes(path);
  const [first, second] = bytes;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff))
    throw new UnfitFile('the file is in UTF-16', 'Save it as UTF-8');
  if (bytes.includes(0))
    throw new UnfitFile('the file is no text: it holds NUL bytes', 'Name a text file in UTF-8');
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new UnfitFile('the file is not in UTF-8', 'Save it as UTF-8');
  }
}

async function readBytes(path: string): Promise<Buffer> {
  const file = await open(path, 'r');
  try {
    const pieces: Buffer[] = [];
    for (let size = 0; size <= MOST_BYTES;) {
      const { bytesRead, buffer } = await file.read(Buffer.alloc(PIECE_BYTES));
      if (bytesRead === 0) return Buffer.concat(pieces);
      pieces.push(buffer.subarray(0, bytesRead));
      size += bytesRead;
    }
    throw new UnfitFile('the file is larger than 16 MB', 'Name the file that is meant');
  } finally {
    await file.close();
  }
}
