import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { temporaryFolder } from '../src/embedded/guarded-process';
import type { Mutant } from './mutations';
import { runSeeds, type SlotsOptions } from './slots';

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
  /** What the engine as it is broke in the same run: nothing, or it is not the mutant that was caught. */
  engine?: string[];
}

/** Whether a mutant was caught, and nothing but the mutant. */
export function isCaught({ by, engine }: Caught): boolean {
  return by !== undefined && engine?.length === 0;
}

export type MutantsOptions = Pick<SlotsOptions, 'parallel' | 'postgresBin'> & { seed: number };

/** Runs each of these mutants from one seed on until a promise is broken, and then the engine as it is from that seed. */
export async function proveMutants(
  chosen: readonly Mutant[],
  { seed: first, ...slots }: MutantsOptions,
  say: (line: string) => void,
): Promise<Caught[]> {
  const caught: Caught[] = [];
  for (const mutant of chosen) {
    const { name, without } = mutant;
    const outcome: Caught = { mutant: name, without, runs: 0 };
    const seeds = Array.from({ length: MOST_RUNS }, (_, index) => first + index);
    await runSeeds(
      seeds,
      { ...slots, order: { ...mutant.order, dist: buildMutant(mutant) } },
      ({ seed, broken }) => {
        outcome.runs += 1;
        const shown = broken.map(withoutRows);
        say(`${name}, seed ${seed}: ${shown[0] ?? 'not caught'}`);
        if (shown.length > 0) outcome.by ??= { seed, broken: shown };
      },
      () => outcome.by !== undefined,
    );
    if (outcome.by)
      await runSeeds(
        [outcome.by.seed],
        { ...slots, parallel: 1, order: mutant.order },
        ({ seed, broken }) => {
          outcome.engine = broken.map(withoutRows);
          say(`the engine as it is, seed ${seed}: ${outcome.engine[0] ?? 'kept'}`);
        },
      );
    else say(`${name} was NOT CAUGHT in ${outcome.runs} runs`);
    caught.push(outcome);
  }
  return caught;
}

/** The first line says how many differ; which ones tells nothing of a mutant. */
function withoutRows(broken: string): string {
  return broken.split('\n', 1)[0] ?? broken;
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
