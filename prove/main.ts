import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { Command, Option } from 'commander';
import { runToExit, say, wholeNumber } from '../bench/script';
import { isCaught, proveMutants } from './mutants';
import { mutants } from './mutations';
import { FAULTS_PER_RUN } from './plan';
import { type Proof, proofOf } from './result';
import type { RunResult } from './run';
import { proveSkew } from './skew';
import { type Abilities, runSeeds } from './slots';
import { proveValues } from './values/prove-values';

interface Options {
  runs: number;
  seed: number;
  parallel: number;
  faults: number;
  patience: number;
  postgresBin?: string;
  mutants?: true | string[];
  skew?: true;
  values?: true;
  outage?: number;
  writers: number;
  rows: number;
  out?: string;
  json?: true;
}

const program = new Command('npm run prove --')
  .description(
    'Runs syncs of random tables with random writers while workers, servers, networks and disks fail, and compares what is left, value by value. Each run comes from its seed, and runs again the same way.',
  )
  .option('--runs <n>', 'how many runs', wholeNumber, 20)
  .option('--seed <n>', "the first run's seed; the others follow it", wholeNumber, 1)
  .option(
    '--parallel <n>',
    'how many at once, each with servers of its own',
    wholeNumber,
    2 * availableParallelism(),
  )
  .option(
    '--faults <n>',
    'how many in each run; a seed goes another way with another number',
    wholeNumber,
    FAULTS_PER_RUN,
  )
  .option(
    '--patience <n>',
    'on a busy machine: how many times as long as promised a recovery may take',
    wholeNumber,
    1,
  )
  .option(
    '--postgres-bin <folder>',
    'binaries of a PostgreSQL that has TimescaleDB; without, partitions stand in for hypertables',
  )
  .addOption(
    new Option(
      '--mutants [name...]',
      'run engines with one mechanism taken out each, which must be caught, and the engine as it is from the seed that caught each',
    ).choices(mutants.map(({ name }) => name)),
  )
  .option('--skew', 'many writers whose transactions overlap, with the horizon and without it')
  .option(
    '--values',
    'fuzzed rows of every type, copied in each write mode on each lane, compared by their text',
  )
  .option(
    '--outage <minutes>',
    'instead of all other faults the destination is away for so long',
    wholeNumber,
  )
  .option('--writers <n>', 'of --skew', wholeNumber, 32)
  .option('--rows <n>', 'of --skew or --values', wholeNumber, 1_000_000)
  .option('--out <file>', 'write the result there, too, as JSON')
  .option('--json', 'print one JSON object to stdout at the end, everything else to stderr')
  .addHelpText(
    'after',
    `
Examples:
  $ npm run prove -- --runs 100            # seeds 1 to 100
  $ npm run prove -- --runs 1 --seed 4711  # one again
  $ npm run prove -- --mutants
  $ npm run prove -- --values --rows 20000 --seed 7

Exit codes: 0 every promise was kept (and every mutant caught), 1 one was not, 2 usage, 130 interrupted.`,
  )
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))
  .parse();
const options = program.opts<Options>();

async function proveRuns(): Promise<boolean> {
  const { runs, seed: first, parallel, faults, patience, postgresBin, outage } = options;
  const began = Date.now();
  const results: RunResult[] = [];
  const order = { faults, patience, outageMs: outage && outage * 60_000 };
  const seeds = Array.from({ length: runs }, (_, index) => first + index);
  const soFar = (abilities: Abilities): Proof =>
    proofOf(results, { first, seconds: (Date.now() - began) / 1000, abilities });
  const abilities = await runSeeds(
    seeds,
    { parallel: Math.min(parallel, runs), postgresBin, order },
    (result, known) => {
      results.push(result);
      const came = `${result.faults.length} faults, ${result.batches} batches, ${result.rows} rows`;
      say(
        `[${results.length}/${runs}] seed ${result.seed}: ${result.broken.length > 0 ? 'BROKEN' : 'kept'}, ${came}, ${Math.round(result.seconds)} s`,
      );
      for (const line of result.broken) say(`  ${line}`);
      // Hours of runs are not lost with the last of them.
      if (known) write(soFar(known));
    },
  );
  const proof = soFar(abilities);
  const broken = Object.keys(proof.broken);
  say(
    `${proof.faults} faults in ${runs} runs at commit ${proof.commit}; ${broken.length} runs broke a promise`,
  );
  const same = faults === FAULTS_PER_RUN ? '' : ` --faults ${faults}`;
  for (const seed of broken) say(`Again: npm run prove -- --runs 1 --seed ${seed}${same}`);
  print(proof);
  return broken.length === 0;
}

function write(result: object): void {
  if (options.out !== undefined) writeFileSync(options.out, `${JSON.stringify(result, null, 2)}\n`);
}

function print(result: object): void {
  write(result);
  if (options.json) process.stdout.write(`${JSON.stringify(result)}\n`);
}

async function kept(): Promise<boolean> {
  if (options.mutants !== undefined) {
    const { mutants: names } = options;
    const chosen = names === true ? mutants : mutants.filter(({ name }) => names.includes(name));
    const caught = await proveMutants(chosen, options, say);
    print(caught);
    return caught.every(isCaught);
  }
  if (options.skew) {
    const skew = await proveSkew(options, say);
    print(skew);
    return skew.withHorizon.missed === 0 && skew.withoutHorizon.missed > 0;
  }
  if (options.values) {
    const { rows, seed } = options;
    const values = await proveValues({ rows, seed, report: say });
    for (const { differences } of values.tables) differences.forEach(say);
    say(
      `${values.rows} rows and ${values.changed} changes, ${values.types} types: ${values.differences} differences of text, ${values.totalSeconds} s`,
    );
    print(values);
    return values.ok;
  }
  return proveRuns();
}

runToExit(async () => ((await kept()) ? 0 : 1));
