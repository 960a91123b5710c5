import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

/** This package's version. */
export function version(): string {
  const text = readFileSync(join(__dirname, '../package.json'), 'utf8');
  return z.object({ version: z.string() }).parse(JSON.parse(text)).version;
}
