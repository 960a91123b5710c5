import type { Command } from 'commander';
import { collect, DEFAULT_CONFIG, type Finish } from './options';

export interface WorkerCommandOptions {
  config?: string[];
  json?: boolean;
}

export function addWorker(program: Command, finish: Finish): Command {
  return program
    .command('worker')
    .description('run the batches of one sync or several, until it is told to stop')
    .option(
      '-c, --config <file>',
      `configuration file; may be given several times (default: ${DEFAULT_CONFIG})`,
      collect,
    )
    .option('--json', 'log as JSON lines, also on a terminal')
    .addHelpText(
      'after',
      '\nExamples:\n  $ tidemark worker\n  $ tidemark worker -c plants/north.yaml -c plants/south.yaml\n\nOn SIGTERM or Ctrl-C it drains: batches in flight get ten seconds to end, then they are rolled back. Logs go to\nstderr. Where no Temporal is configured it runs the durable server in .tidemark/ beside the first such file.',
    )
    .action(async (options: WorkerCommandOptions) => {
      const { runWorker } = await import('./run-worker.js');
      finish(await runWorker(options));
    });
}
