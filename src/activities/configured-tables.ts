import type { Config, TableConfig } from '../config/config';
import { formatName, matchesPattern, parseTableName, type TableName } from '../postgres/identifiers';
import { Problem } from './problem';

export interface ConfiguredTable {
  table: TableName;
  /** The name by which messages, workflows and checkpoints know it, as SQL would write it. */
  name: string;
  config: TableConfig;
}

/**
 * The tables that a configuration means, in its order. One that is named is meant whether the source has it or not,
 * so that its absence is reported; a glob means what the source has, less what is named elsewhere.
 */
export function configuredTables(
  config: Pick<Config, 'tables'>,
  existing: readonly TableName[],
): ConfiguredTable[] {
  const found = new Map<string, ConfiguredTable>();
  const add = (table: TableName, tableConfig: TableConfig): void => {
    const name = formatName(table);
    if (!found.has(name)) found.set(name, { table, name, config: tableConfig });
  };
  const named = new Set(config.tables.flatMap(({ name }) => (name ? [formatName(qualified(name))] : [])));
  for (const tableConfig of config.tables) {
    if (tableConfig.name) add(qualified(tableConfig.name), tableConfig);
    else {
      existing
        .filter((table) => matchesPattern(tableConfig.pattern, table) && !named.has(formatName(table)))
        .forEach((table) => add(table, tableConfig));
    }
  }
  return [...found.values()];
}

/** A name with the schema that it has when none is written. */
export function qualified({
  schema = 'public',
  name,
}: {
  schema?: string | undefined;
  name: string;
}): TableName {
  return { schema, name };
}

/** The one configured table of this name, as {@link ConfiguredTable.name} gives it; the source need not be asked. */
export function configuredTable(config: Config, table: TableName): ConfiguredTable | undefined {
  return configuredTables(config, [table]).find(({ name }) => name === formatName(table));
}

/** As {@link configuredTable}, of a table that a workflow names. Throws {@link Problem} where the sync has it not. */
export function requireConfigured(config: Config, sync: string, name: string): ConfiguredTable {
  const found = configuredTable(config, qualified(parseTableName(name)));
  if (found) return found;
  throw new Problem('Configuration', `the sync '${sync}' has no such table`, 'Add it to the configuration.');
}
