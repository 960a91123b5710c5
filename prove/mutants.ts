import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { temporaryFolder } from '../src/embedded/guarded-process';
import type { Mutant } from './mutations';
import { runSeeds } from './slots';

const ROOT = path.resolve(__dirname, '..');
/** A mutant that so many runs do not catch is not caught. */
const MOST_RUNS = 40;

export interface Caught {
  mutant: string;
  without: string;
  /** How many runs were begun. */
  runs: number;
  /** The seed that caught it, and how it showed; undefined where none did. */
  by?: { seed: number; broken: string[] };
}

/** Runs each of these mutants from one seed on until a promise is broken. */
export async function proveMutants(
  chosen: readonly Mutant[],
  { seed, parallel, postgresBin }: { seed: number; parallel: number; postgresBin?: string },
  say: (line: string) => void,
): Promise<Caught[]> {
  const caught: Caught[] = [];
  for (const mutant of chosen) {
    const outcome: Caught = { mutant: mutant.name, without: mutant.without, runs: 0 };
    const order = { dist: buildMutant(mutant), focus: mutant.focus };
    const seeds = Array.from({ length: MOST_RUNS }, (_, index) => seed + index);
    await runSeeds(
      seeds,
      { parallel, postgresBin, order },
      (result) => {
        outcome.runs += 1;
        say(`${mutant.name}, seed ${result.seed}: ${result.broken[0] ?? 'not caught'}`);
        if (result.broken.length > 0) outcome.by ??= { seed: result.seed, broken: result.broken };
      },
      () => outcome.by !== undefined,
    );
    if (!outcome.by) say(`${mutant.name} was NOT CAUGHT in ${outcome.runs} runs`);
    caught.push(outcome);
  }
  return caught;
}

/** A copy of the built engine with the mutant's edits. @throws where the engine no longer has what an edit changes */
export function buildMutant({ name, edits }: Mutant): string {
  const folder = path.join(temporaryFolder(), name);
  const dist = path.join(folder, 'dist');
  mkdirSync(folder);
  cpSync(path.join(ROOT, 'dist'), dist, { recursive: true });
  cpSync(path.join(ROOT, 'package.json'), path.join(folder, 'package.json'));
  symlinkSync(path.join(ROOT, 'node_modules'), path.join(folder, 'node_modules'));
  for (const { file, from, to } of edits) {
    const target = path.join(dist, file);
    const parts = readFileSync(target, 'utf8').split(from);
    if (parts.length !== 2)
      throw new Error(
        `The mutant ${name} does not fit the engine any more: ${file} has this ${parts.length - 1} times: ${from}`,
      );
    writeFileSync(target, parts.join(to));
  }
  return dist;
}
