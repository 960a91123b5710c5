import { resolve } from 'node:path';
import type { Command } from 'commander';
import { z } from 'zod';
import { readDocument } from '../config/read-document';
import { completeWords } from './complete-words';
import { DEFAULT_CONFIG } from './options';

/** Of a configuration only what is completed by: it may be incomplete, and its variables unset. */
const fileSchema = z.object({
  tables: z.array(z.union([z.string(), z.object({ name: z.string() }).transform(({ name }) => name)])),
});

/** Answers a shell's script. Whatever goes wrong completes nothing: a prompt is no place for errors. */
export async function runCompleteWords(program: Command, words: readonly string[]): Promise<number> {
  const { kind, words: found } = await completeWords(program, words, tablesOf);
  const lines = [kind, ...found.map(({ word, meaning }) => `${word}\t${meaning}`)];
  process.stdout.write(`${lines.join('\n')}\n`);
  return 0;
}

async function tablesOf(file = DEFAULT_CONFIG): Promise<string[]> {
  try {
    const { value } = await readDocument(resolve(file), file, '');
    return fileSchema.parse(value).tables.filter((name) => !/[*?]/.test(name));
  } catch {
    return [];
  }
}
