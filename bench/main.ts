import { Command } from 'commander';
import { cases } from './cases';
import type { Case, Result } from './measure';
import { startEnvironment } from './environment';
import { describeMachine } from './machine';
import { peerCases, peers, runPeers } from './peers/main';
import { peersTable } from './peers/table';
import { psqlVersion } from './psql';
import { runToExit, say, wholeNumber } from './script';
import { table } from './table';

const program = new Command('npm run bench --')
  .description(
    'Measures Tidemark, with its worker running, beside psql pipes between the same two databases, all in one run.',
  )
  .option(
    '--rounds <n>',
    'how often each way is taken (default: 5, with --peers 1); medians are shown',
    wholeNumber,
  )
  .option('--case <name...>', 'only the cases whose names begin so')
  .option(
    '--peers [name...]',
    'other tools beside Tidemark in the first loads: all, or those whose names begin so',
  )
  .option('--json', 'print one JSON object to stdout at the end, everything else to stderr')
  .addHelpText(
    'after',
    `\nCases: ${cases.map(({ name }) => name).join(', ')}\nPeers: ${[...new Set(peers.map(({ name }) => name))].join(', ')}\nExit codes: 0 all goals met, 1 one was missed or a case failed, 2 usage, 130 interrupted.`,
  )
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))
  .parse();
const options = program.opts<{ rounds?: number; case?: string[]; peers?: true | string[]; json?: boolean }>();
const roundsToRun = options.rounds ?? (options.peers ? 1 : 5);

function chosen(): Case[] {
  const names = options.case ?? (options.peers ? peerCases : undefined);
  const found = names ? cases.filter(({ name }) => names.some((start) => name.startsWith(start))) : cases;
  if (found.length > 0) return found;
  say(`There is no such case. The cases are ${cases.map(({ name }) => name).join(', ')}.`);
  process.exit(2);
}

interface Skipped {
  name: string;
  skipped: string;
  met: true;
}

interface Failure {
  name: string;
  error: string;
  met: false;
}

async function main(): Promise<number> {
  const toRun = chosen();
  const psql = psqlVersion();
  say('Starting PostgreSQL and Temporal …');
  const environment = await startEnvironment(say);
  const machine = {
    ...describeMachine(),
    postgresql: environment.version,
    psql,
  };
  const outcomes: (Result | Failure | Skipped)[] = [];
  for (const { name, run, unavailable } of toRun) {
    const skipped = unavailable?.();
    if (skipped !== undefined) {
      say(`${name}: skipped: it ${skipped}`);
      outcomes.push({ name, skipped, met: true });
      continue;
    }
    try {
      outcomes.push(await run({ environment, rounds: roundsToRun, say }, name));
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      say(`${name}: FAILED: ${message}`);
      outcomes.push({ name, error: message, met: false });
    }
  }
  const sideBySide = options.peers
    ? await runPeers(
        { environment, rounds: roundsToRun, say },
        { names: options.peers === true ? [''] : options.peers, cases: toRun.map(({ name }) => name) },
      )
    : undefined;
  if (options.json) {
    const compared = sideBySide && { peers: sideBySide.flatMap((result) => result.outcomes) };
    const json = { machine, rounds: roundsToRun, cases: outcomes, ...compared };
    process.stdout.write(`${JSON.stringify(json)}\n`);
  } else
    process.stdout.write(
      `${Object.entries(machine)
        .map(([key, value]) => `${key} ${value}`)
        .join(', ')}\n${[table(outcomes), ...(sideBySide ?? []).map(peersTable)].join('\n\n')}\n`,
    );
  return outcomes.every(({ met }) => met) ? 0 : 1;
}

runToExit(main);
