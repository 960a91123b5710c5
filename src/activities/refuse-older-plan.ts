import type { Config } from '../config/config';
import type { TableSpec } from '../plan/table-spec';
import { formatIdentifier, formatName } from '../postgres/identifiers';
import { configuredTable, qualified } from './configured-tables';
import { Problem } from './problem';

/**
 * Throws {@link Problem} where the worker's configuration has come to leave out a column since a run was planned, or to
 * name another target: a run goes on as it was planned, but nothing goes where it is not to go any more. A table that
 * is not configured any more is copied to its end.
 */
export function refuseOlderPlan(config: Config, { source, destination, columns }: TableSpec): void {
  const table = configuredTable(config, source)?.config;
  if (table === undefined) return;
  const remedy = 'Start the sync again: it plans anew, and goes on from here.';
  const excluded = columns.find(({ name }) => table.exclude.includes(name));
  if (excluded)
    throw new Problem(
      'Configuration',
      `column ${formatIdentifier(excluded.name)} is excluded since this run was planned`,
      remedy,
    );
  const target = formatName(qualified(table.target ?? source));
  if (target !== formatName(destination))
    throw new Problem(
      'Configuration',
      `its target is ${target} since this run was planned for ${formatName(destination)}`,
      remedy,
    );
}
