import { existsSync } from 'node:fs';
import bytes from 'bytes';
import Table from 'cli-table3';
import { describeEndpoint, type TableConfig } from '../config/config';
import { loadSource } from '../config/load';
import type { Endpoint } from '../postgres/endpoint';
import { formatIdentifier, parseColumnName } from '../postgres/identifiers';
import { CommandError } from './command-error';
import { type ProposedTable, renderTables } from './config-template';
import type { DiscoverOptions } from './discover';
import { discoverSource } from './discover-source';
import type { DiscoveredTable } from './discovered-table';
import { estimateLoad, type ReadSpeed } from './estimate-load';
import { formatCount, formatShort } from './format';
import { SOURCE_VARIABLE, sourceEndpoint, sourcePlace } from './source-endpoint';
import { withSession } from './with-session';
import { colours } from './colours';

/** How many tables a person is shown unless they ask for all. */
const SHOWN = 50;

/** Shows what the source has, and what to write into the configuration for it. */
export async function runDiscover(options: DiscoverOptions): Promise<number> {
  const { endpoint, configured, file } = await findSource(options);
  const schemas = options.schema?.map(parseColumnName);
  const discovery = await withSession({ source: endpoint, destination: endpoint }, 'source', (client) =>
    discoverSource(client, { schemas, configured }),
  );
  const speed = await estimateLoad(endpoint, discovery);
  const { tables } = discovery;
  const shown = options.json || options.all ? tables : tables.slice(0, SHOWN);
  const fresh = shown.filter(({ shown: { configured: known } }) => !known);
  const yaml = renderYaml(fresh.map(({ proposed }) => proposed));
  if (options.json) {
    const report = {
      ok: true,
      source: describeEndpoint(endpoint),
      configuration: file,
      measured: speed ?? null,
      tables: tables.map((one) => one.shown),
      yaml,
    };
    process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
  } else print({ endpoint, shown: shown.map((one) => one.shown), total: tables.length, speed, yaml });
  return 0;
}

interface Found {
  endpoint: Endpoint;
  configured: TableConfig[];
  /** The configuration that it was taken from. */
  file: string | null;
}

/** An option counts first, then the configuration file, then SOURCE_URL. */
async function findSource({ config, from, url }: DiscoverOptions): Promise<Found> {
  const bare = async (place: Parameters<typeof sourceEndpoint>[0]): Promise<Found> => ({
    endpoint: await sourceEndpoint(place),
    configured: [],
    file: null,
  });
  if (url !== undefined) return bare({ url, shown: '--url' });
  if (from !== undefined) return bare({ file: from });
  if (existsSync(config)) {
    const { source, tables } = await loadSource(config);
    return { endpoint: source, configured: tables, file: config };
  }
  const place = sourcePlace(undefined);
  if (place) return bare(place);
  throw new CommandError(
    'usage',
    `nothing says where the source is: there is no ${config}`,
    `Give --from configuration.json, set ${SOURCE_VARIABLE}, or name a configuration with -c FILE.`,
  );
}

/** Undefined where everything is configured already. */
function renderYaml(tables: ProposedTable[]): string | null {
  return tables.some(({ cursor }) => cursor !== undefined) ? `tables:\n${renderTables(tables)}` : null;
}

interface Shown {
  endpoint: Endpoint;
  shown: DiscoveredTable[];
  total: number;
  speed: ReadSpeed | undefined;
  yaml: string | null;
}

function print({ endpoint, shown, total, speed, yaml }: Shown): void {
  const table = new Table({
    head: ['table', 'kind', 'rows', 'size', 'chunks', 'cursor', 'key', 'first load', 'configured'],
    colAligns: ['left', 'left', 'right', 'right', 'right', 'left', 'left', 'right', 'left'],
    style: { head: [], border: [], compact: true },
  });
  for (const one of shown) table.push(cells(one));
  const lines = [
    `${colours.bold(describeEndpoint(endpoint))}: ${formatCount(total)} table${total === 1 ? '' : 's'}`,
    ...(shown.length > 0 ? [table.toString()] : []),
    ...(total > shown.length ? [`The ${shown.length} largest; --all shows every one.`] : []),
    ...shown.flatMap((one) =>
      one.vectors.map(({ column, type }) => `${one.table}: ${formatIdentifier(column)} is ${type}.`),
    ),
    ...shown.flatMap((one) =>
      one.warnings.map(
        (text) => `${colours.yellow('warning')} ${one.table}: ${text}${text.endsWith(';') ? '' : '.'}`,
      ),
    ),
    speed
      ? `First load: at ${formatBytes(speed.bytesPerSecond)} a second, as ${speed.table} was read just now (${formatCount(speed.rows)} rows in ${formatCount(speed.milliseconds)} ms). An estimate of reading alone, over one connection.`
      : 'First load: there was nothing to measure its speed by.',
    ...(yaml === null ? [] : ['', colours.bold('To paste into the configuration:'), '', yaml.trimEnd()]),
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
}

function cells(one: DiscoveredTable): string[] {
  const { rows, bytes: size, uncompressedBytes, chunks, compressedChunks, cursor, key, loadMs } = one;
  const before = uncompressedBytes !== null && size !== null && uncompressedBytes > size;
  return [
    one.table,
    one.kind,
    rows === null ? '' : formatCount(rows),
    size === null
      ? ''
      : `${formatBytes(size)}${before ? ` (${formatBytes(uncompressedBytes)} before compression)` : ''}`,
    chunks === null
      ? ''
      : `${formatCount(chunks)}${compressedChunks ? `, ${formatCount(compressedChunks)} compressed` : ''}`,
    cursor === null ? '' : `${formatIdentifier(cursor)} (${one.cursorReason})`,
    key.map(formatIdentifier).join(', '),
    loadMs === null ? '' : formatShort(loadMs),
    one.configured ? 'yes' : '',
  ];
}

function formatBytes(value: number): string {
  return bytes(value, { unitSeparator: ' ', decimalPlaces: 1 }) ?? '';
}
