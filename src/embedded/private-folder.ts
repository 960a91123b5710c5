import { chmodSync, mkdirSync, statSync } from 'node:fs';

/** Makes a folder for this user alone; one that is there is closed to others, as earlier versions did not. */
export function makePrivateFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    // Another user's folder is theirs to close.
    if (statSync(folder).uid === process.getuid?.()) chmodSync(folder, 0o700);
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException;
    throw new Error(
      `the folder ${folder} is to keep the embedded server's state, and cannot be made (${code}). Make it, writable for this user`,
      { cause: error },
    );
  }
}
