import type { Command } from 'commander';
import { version } from '../version';
import { addCheck } from './check';
import { addCodecServer } from './codec-server';
import { addCompletion } from './completion';
import { addDiscover } from './discover';
import { addInit } from './init';
import { addCancel } from './cancel';
import { addDiffConfig } from './diff-config';
import { addPause } from './pause';
import { addResume } from './resume';
import { addRetry } from './retry';
import { addSchedule } from './schedule';
import { addSkip } from './skip';
import { addTune } from './tune';
import type { Finish } from './options';
import { addReconcile } from './reconcile';
import { addResync } from './resync';
import { addStatus } from './status';
import { addSync } from './sync';
import { TidemarkCommand } from './tidemark-command';
import { addUi } from './ui';
import { addVerify } from './verify';
import { addWorker } from './worker';

const commands = [
  addInit,
  addDiscover,
  addCheck,
  addDiffConfig,
  addSync,
  addReconcile,
  addVerify,
  addWorker,
  addStatus,
  addUi,
  addResync,
  addSchedule,
  addPause,
  addResume,
  addSkip,
  addRetry,
  addTune,
  addCancel,
  addCodecServer,
  addCompletion,
];

/** The command tree: what the command line parses, what help shows, and what shells complete by. */
export function buildProgram(finish: Finish): Command {
  const program = new TidemarkCommand('tidemark')
    .description('Copies time-series and vector tables out of TimescaleDB and PostgreSQL, durably.')
    .version(version(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand(true)
    .showSuggestionAfterError()
    .configureHelp({ showGlobalOptions: false })
    .addHelpText(
      'after',
      '\nStart with:\n  $ tidemark init\n  $ tidemark check\n  $ tidemark sync\n\nEvery command has its own help: tidemark sync --help',
    )
    .exitOverride();
  for (const add of commands) {
    const command = add(program, finish);
    command.showHelpAfterError(`Try: tidemark ${command.name()} --help`);
  }
  return program.showHelpAfterError('Try: tidemark --help');
}
