import { configuredTable, qualified } from '../activities/configured-tables';
import type { Config } from '../config/config';
import { suggest } from '../config/problems';
import { formatName, parseTableName } from '../postgres/identifiers';
import { CommandError } from './command-error';

/** Refuses a table on the command line that the configuration has not, with the nearest that it has. */
export function unknownTable(config: Config, written: string): never {
  const known = config.tables.map((table) =>
    table.name ? formatName(qualified(table.name)) : table.written,
  );
  const name = formatName(qualified(parseTableName(written)));
  throw new CommandError('usage', `the sync ${config.name} has no table ${name}`, suggest(name, known));
}

/** The name by which a run knows a table of the command line. Throws {@link CommandError} for one that is not configured. */
export function configuredName(config: Config, written: string): string {
  return (configuredTable(config, qualified(parseTableName(written))) ?? unknownTable(config, written)).name;
}
