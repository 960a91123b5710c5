import { Problem } from '../activities/problem';
import { ConfigError } from '../config/config-error';
import { Drift } from '../destination/drift';
import { CommandError } from './command-error';
import { exitCodes, type FailureKind } from './exit-codes';

/** Something that `check` found. */
export interface Finding {
  level: 'error' | 'warning' | 'info';
  /** Of an error: which exit it leads to. */
  kind?: Extract<FailureKind, 'configuration' | 'connection' | 'drift'>;
  what: string;
  where: string;
  remedy: string;
}

export function errorFinding(
  kind: NonNullable<Finding['kind']>,
  where: string,
  what: string,
  remedy: string,
): Finding {
  return { level: 'error', kind, what, where, remedy };
}

export function warning(where: string, what: string, remedy: string): Finding {
  return { level: 'warning', what, where, remedy };
}

export function info(where: string, what: string, remedy = ''): Finding {
  return { level: 'info', what, where, remedy };
}

/** An expected failure of a check as findings; anything else is thrown on. */
export function findingsOf(error: unknown, where: string): Finding[] {
  if (error instanceof ConfigError)
    return error.problems.map(({ where: place, message, remedy }) =>
      errorFinding('configuration', place, message, remedy),
    );
  if (error instanceof Problem)
    return [
      errorFinding(error.type === 'Drift' ? 'drift' : 'configuration', where, error.message, error.remedy),
    ];
  if (error instanceof Drift) return [errorFinding('drift', where, error.what, error.remedy)];
  if (error instanceof CommandError && error.kind !== 'internal')
    return [
      errorFinding(
        error.kind === 'connection' ? 'connection' : 'configuration',
        where,
        withoutPlace(error.message, where),
        error.remedy,
      ),
    ];
  throw error;
}

function withoutPlace(message: string, where: string): string {
  return message.startsWith(`${where}: `) ? message.slice(where.length + 2) : message;
}

/** The gravest kind of error decides; with `strict` warnings count as configuration. */
export function exitCodeOfFindings(findings: readonly Finding[], strict: boolean): number {
  const kind = (['connection', 'configuration', 'drift'] as const).find((one) =>
    findings.some((finding) => finding.kind === one),
  );
  if (kind) return exitCodes[kind];
  return strict && findings.some(({ level }) => level === 'warning') ? exitCodes.configuration : exitCodes.ok;
}
