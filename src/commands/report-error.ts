import { ended } from './format';
import { CommanderError } from 'commander';
import { Problem } from '../activities/problem';
import { ConfigError } from '../config/config-error';
import { Drift } from '../destination/drift';
import { IdentifierError } from '../postgres/identifiers';
import { PayloadRefused } from '../temporal/payload-refused';
import { hideUrls } from '../plan/hide-urls';
import { oneLine } from '../plan/one-line';
import { TemporalUnreachable } from '../temporal/temporal-unreachable';
import { CommandError } from './command-error';
import { exitCodes, type FailureKind } from './exit-codes';

export interface ErrorReport {
  kind: FailureKind;
  /** One line or a few: what is wrong, and what to do. */
  lines: string[];
}

const REPORT = 'Please report it with what you ran; TIDEMARK_DEBUG=1 shows where it comes from.';

/** Whatever a command throws, as it is shown. What is not known to be free of secrets and values is not repeated. */
export function describeFailure(error: unknown): ErrorReport {
  const { kind, lines } = describe(error);
  return { kind, lines: lines.map((line) => oneLine(hideUrls(line))) };
}

function describe(error: unknown): ErrorReport {
  if (error instanceof ConfigError)
    return { kind: 'configuration', lines: error.message.split('\n').map(ended) };
  if (error instanceof CommandError)
    return { kind: error.kind, lines: `${ended(error.message)} ${error.remedy}`.trim().split('\n') };
  if (error instanceof Problem)
    return {
      kind: error.type === 'Drift' ? 'drift' : 'configuration',
      lines: [`${ended(error.message)} ${error.remedy}`],
    };
  if (error instanceof Drift) return { kind: 'drift', lines: [error.message] };
  if (error instanceof IdentifierError)
    return {
      kind: 'usage',
      lines: [`${ended(error.message)} Write the name as in SQL, such as public.sensor_data.`],
    };
  if (error instanceof TemporalUnreachable)
    return { kind: 'connection', lines: [`${error.message}. ${error.remedy}`] };
  if (error instanceof PayloadRefused) return { kind: 'configuration', lines: [ended(error.message)] };
  const name = error instanceof Error ? error.name : typeof error;
  const code =
    error instanceof Error && 'code' in error && typeof error.code === 'string' ? ` ${error.code}` : '';
  return { kind: 'internal', lines: [`An unexpected error occurred (${name}${code}). ${REPORT}`] };
}

/** Shows why a command failed, and returns its exit code. */
export function reportError(error: unknown, json: boolean): number {
  // Commander has said by itself what is wrong, or has shown the help that was asked for.
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return exitCodes.ok;
    if (json) printError({ kind: 'usage', lines: [error.message.replace(/^error: /, '')] });
    return exitCodes.usage;
  }
  const report = describeFailure(error);
  for (const line of report.lines) process.stderr.write(`${line}\n`);
  if (report.kind === 'internal' && process.env['TIDEMARK_DEBUG'] === '1' && error instanceof Error)
    process.stderr.write(`${error.stack ?? ''}\n`);
  if (json) printError(report);
  return exitCodes[report.kind];
}

function printError({ kind, lines }: ErrorReport): void {
  const error = { kind, exitCode: exitCodes[kind], message: lines.join('\n') };
  process.stdout.write(`${JSON.stringify({ ok: false, error }, null, 2)}\n`);
}
