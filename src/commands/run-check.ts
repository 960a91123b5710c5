import type { Config } from '../config/config';
import { loadConfig } from '../config/load';
import type { CheckOptions } from './check';
import { checkAlarms } from './check-alarms';
import { checkDestination } from './check-destination';
import { checkLimits } from './check-limits';
import { checkSource, type SoundTable } from './check-source';
import { checkTemporal } from './check-temporal';
import { exitCodeOfFindings, type Finding, findingsOf } from './finding';
import { placeOf, withSession } from './with-session';
import { colours } from './colours';

/** Looks at everything before anything runs, and says all that it finds at once. */
export async function runCheck(options: CheckOptions): Promise<number> {
  const findings = await gather(options.config);
  const exitCode = exitCodeOfFindings(findings, options.strict ?? false);
  if (options.json) process.stdout.write(`${JSON.stringify({ ok: exitCode === 0, findings }, null, 2)}\n`);
  else print(findings);
  return exitCode;
}

async function gather(file: string): Promise<Finding[]> {
  let config: Config;
  try {
    config = await loadConfig(file);
  } catch (error) {
    return findingsOf(error, file);
  }
  let tables: SoundTable[] = [];
  const findings: Finding[] = [checkLimits(config), ...checkAlarms(config)];
  try {
    const source = await withSession(config, 'source', (client) => checkSource(client, config));
    findings.push(...source.findings);
    tables = source.tables;
  } catch (error) {
    findings.push(...findingsOf(error, placeOf(config, 'source')));
  }
  try {
    findings.push(
      ...(await withSession(config, 'destination', (client) => checkDestination(client, config, tables))),
    );
  } catch (error) {
    findings.push(...findingsOf(error, placeOf(config, 'destination')));
  }
  return [...findings, ...(await checkTemporal(config, file))];
}

const marks = {
  error: colours.red('error  '),
  warning: colours.yellow('warning'),
  info: colours.dim('info   '),
};
const order: Finding['level'][] = ['info', 'warning', 'error'];

/** The gravest last, where the eye is. */
function print(findings: Finding[]): void {
  const sorted = [...findings].sort((a, b) => order.indexOf(a.level) - order.indexOf(b.level));
  for (const { level, where, what, remedy } of sorted) {
    process.stdout.write(`${marks[level]} ${where}: ${what}.\n${remedy && `        ${remedy}\n`}`);
  }
  process.stdout.write(`${count(findings, 'error')}, ${count(findings, 'warning')}\n`);
}

function count(findings: Finding[], level: Finding['level']): string {
  const { length } = findings.filter((finding) => finding.level === level);
  return `${length} ${level}${length === 1 ? '' : 's'}`;
}
