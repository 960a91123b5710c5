import type { SourceTable } from '../source/describe-tables';
import type { Proposal } from '../source/propose';
import { formatIdentifier, formatName } from '../postgres/identifiers';

/** A table of the source, and what is proposed for it. */
export interface ProposedTable extends Pick<Proposal, 'cursor' | 'key'> {
  table: SourceTable;
}

/** What a configuration says that differs from one to the next. */
export interface ConfigChoices {
  name: string;
  tables: ProposedTable[];
  /** As it is written. */
  lookback: string;
  /** Path of the destination's configuration.json; undefined: DESTINATION_URL will say. */
  destination: string | undefined;
}

/** A commented configuration file. Holds no secret: `source` and `destination` refer to a file or a variable. */
export function renderConfig({
  name,
  source,
  destination,
  tables,
  lookback,
}: Omit<ConfigChoices, 'destination'> & { source: string; destination: string }): string {
  return `# Configuration of Tidemark. Every key is described in docs/CONFIGURATION.md.
# Values may hold environment variables, such as \${SOURCE_URL}. Paths are relative to this file.

# Names the sync: its progress at the destination is kept under it.
name: ${name}

# Read with SELECT alone. Other ways: { url: … }, or host, port, database, username and password.
source: ${source}

destination: ${destination}

defaults:
  # How far below the watermark every run reads again, for rows that arrive late.
  lookback: ${lookback}
  # About how much is written in one transaction.
  batch: { bytes: 16 MB }

# name: as in SQL, quoted where SQL would need it; or a pattern, such as public.sensor_*.
# cursor: the column by which rows come in order. key: what tells rows apart at the destination.
# mode: upsert (default with a key), replace (mirrors deletes) or append. More: exclude, target, start, types.
tables:
${tables.length > 0 ? renderTables(tables) : '  - { name: public.sensor_data, cursor: time }\n  # - { name: public.sensor_embeddings, cursor: created_at, key: [id] }\n'}
# Without this, tidemark sync runs a durable Temporal server of its own in .tidemark/.
# temporal: { address: 'localhost:7233', namespace: default }
`;
}

/** The entries of `tables`, one a line: tables without a cursor column as comments below the others. */
export function renderTables(tables: ProposedTable[]): string {
  const proposed = tables.filter(({ cursor }) => cursor !== undefined);
  // A list must not be empty: then the file says what to do, and check repeats it.
  const others = tables
    .filter(({ cursor }) => cursor === undefined)
    .map(
      ({ table }) =>
        `  # - { name: ${quote(formatName(table))}, cursor: … }  # ${table.kind} without a column that orders it\n`,
    );
  return [...proposed.map(renderTable), ...(proposed.length === 0 ? ['  []\n'] : []), ...others].join('');
}

function renderTable({ table, cursor, key }: ProposedTable): string {
  const isInteger = /int/.test(table.columns.find(({ name }) => name === cursor)?.baseType ?? '');
  const keys = [
    `name: ${quote(formatName(table))}`,
    `cursor: ${quote(formatIdentifier(cursor ?? ''))}`,
    ...(key.length > 0 ? [`key: [${key.map((column) => quote(formatIdentifier(column))).join(', ')}]`] : []),
    // A duration, as in the defaults, means nothing to a number.
    ...(isInteger ? ['lookback: 0'] : []),
  ];
  const rows =
    table.estimatedRows === undefined || table.estimatedRows <= 0
      ? ''
      : `, about ${table.estimatedRows.toLocaleString('en-US')} rows`;
  return `  - { ${keys.join(', ')} }  # ${table.kind}${rows}\n`;
}

/** In YAML quotes where the text could mean something else. */
function quote(text: string): string {
  return /^[a-z_][a-z0-9_.]*$/.test(text) && !/^(true|false|null|yes|no|on|off|y|n)$/.test(text)
    ? text
    : `'${text.replaceAll("'", "''")}'`;
}
