import { type Command, InvalidArgumentError, Option } from 'commander';
import { type ListenAddress, listenAddress } from './listen-address';
import { logLevels } from './log-levels';
import { CommandError } from './command-error';
import { collect, DEFAULT_CONFIG, fileName, type Finish } from './options';

export interface WorkerCommandOptions {
  config?: string[];
  json?: boolean;
  logLevel?: string;
  metrics?: ListenAddress;
  health?: ListenAddress;
  buildId?: string;
  deployment?: string;
}

export function addWorker(program: Command, finish: Finish): Command {
  return program
    .command('worker')
    .description('run the batches of one sync or several, until it is told to stop')
    .option(
      '-c, --config <file>',
      `configuration file; may be given several times (default: ${DEFAULT_CONFIG})`,
      (value: string, previous: string[] | undefined) => collect(fileName(value), previous),
    )
    .option('--json', 'log as JSON lines, also on a terminal')
    .addOption(
      new Option('--log-level <level>', 'how much is logged (default: LOG_LEVEL, else info)').choices(
        logLevels,
      ),
    )
    .addOption(
      new Option('--metrics <address>', 'serve metrics for Prometheus at http://ADDRESS/metrics')
        .argParser(listenAddress)
        .env('TIDEMARK_METRICS'),
    )
    .addOption(
      new Option('--health <address>', 'answer /healthz and /readyz at ADDRESS')
        .argParser(listenAddress)
        .env('TIDEMARK_HEALTH'),
    )
    .addOption(
      new Option('--build-id <id>', 'serve only runs of this build (Worker Deployment Versioning)')
        .argParser(buildId)
        .env('TEMPORAL_WORKER_BUILD_ID'),
    )
    .addOption(
      new Option('--deployment <name>', 'the deployment that the build belongs to (default: tidemark)')
        .argParser(deploymentName)
        .env('TEMPORAL_DEPLOYMENT_NAME'),
    )
    .addHelpText(
      'after',
      '\nExamples:\n  $ tidemark worker\n  $ tidemark worker -c plants/north.yaml -c plants/south.yaml\n  $ tidemark worker --metrics 127.0.0.1:9464 --health 127.0.0.1:8080\n  $ tidemark worker --build-id 0.3.0\n\nOn SIGTERM or Ctrl-C it drains: batches in flight get ten seconds to end, then they are rolled back. Logs go to\nstderr. Where no Temporal is configured it runs the durable server in .tidemark/ beside the first such file.',
    )
    .action(async (options: WorkerCommandOptions) => {
      if (options.deployment !== undefined && options.buildId === undefined)
        throw new CommandError('usage', '--deployment is given without --build-id', 'Give both, or neither.');
      const { runWorker } = await import('./run-worker.js');
      finish(await runWorker(options));
    });
}

/** Temporal names a version `deployment.build`, or with a colon between them. */
function deploymentName(value: string): string {
  if (/^[\w/@+-]{1,128}$/.test(value)) return value;
  throw new InvalidArgumentError('Use at most 128 letters, digits and signs of _ / @ + -');
}

function buildId(value: string): string {
  if (/^[\w/@+.-]{1,128}$/.test(value)) return value;
  throw new InvalidArgumentError('Use at most 128 letters, digits and signs of _ / @ + . -');
}
