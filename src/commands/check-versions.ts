import type { Versions } from '../source/versions';
import { errorFinding, type Finding, info } from './finding';

/** The oldest that Tidemark is tried with. */
const POSTGRES = { major: 13, number: 130_000 };
const TIMESCALEDB = [2, 11] as const;

/** What the server is, and whether it is too old. */
export function checkVersions(
  { server, serverText, timescaledb, vector, encoding }: Versions,
  where: string,
): Finding[] {
  const parts = [
    `PostgreSQL ${serverText.split(' ')[0] ?? ''}`,
    timescaledb && `TimescaleDB ${timescaledb}`,
    vector && `pgvector ${vector}`,
    encoding,
  ];
  const findings = [info(where, parts.filter(Boolean).join(', '))];
  if (server < POSTGRES.number)
    findings.push(
      errorFinding(
        'configuration',
        where,
        `PostgreSQL is older than ${POSTGRES.major}`,
        'Upgrade the server.',
      ),
    );
  const [major = 0, minor = 0] = timescaledb?.split('.').map(Number) ?? [];
  if (
    timescaledb !== null &&
    (major < TIMESCALEDB[0] || (major === TIMESCALEDB[0] && minor < TIMESCALEDB[1]))
  )
    findings.push(
      errorFinding(
        'configuration',
        where,
        `TimescaleDB is older than ${TIMESCALEDB.join('.')}`,
        'Upgrade it: ALTER EXTENSION timescaledb UPDATE;',
      ),
    );
  return findings;
}
