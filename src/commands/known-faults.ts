import type { Versions } from '../source/versions';
import { type Finding, warning } from './finding';

interface Fault {
  /** The first version that has it, and the first that has not. */
  from: readonly number[];
  below: readonly number[];
  what: string;
}

/** Faults of TimescaleDB that lose or change what is written to it, or crash the server. */
const faults: Fault[] = [
  {
    from: [2, 17, 0],
    below: [2, 18, 1],
    what: 'ends an INSERT … ON CONFLICT DO NOTHING at its first conflict with a row of a compressed chunk, and loses the rows after it (timescaledb issue 7672); Tidemark writes no such statement, but triggers and other programs may',
  },
];

/** Names what is known to be wrong with the destination's version. */
export function knownFaults({ timescaledb }: Pick<Versions, 'timescaledb'>, where: string): Finding[] {
  if (timescaledb === null) return [];
  const version = (/^\d+(\.\d+)*/.exec(timescaledb)?.[0] ?? '').split('.').map(Number);
  return faults
    .filter(({ from, below }) => !isBelow(version, from) && isBelow(version, below))
    .map(({ below, what }) =>
      warning(
        where,
        `TimescaleDB ${timescaledb} ${what}`,
        `Update it to ${below.join('.')} or later: ALTER EXTENSION timescaledb UPDATE;`,
      ),
    );
}

function isBelow(version: readonly number[], other: readonly number[]): boolean {
  for (const [index, part] of other.entries()) {
    const own = version[index] ?? 0;
    if (own !== part) return own < part;
  }
  return false;
}
