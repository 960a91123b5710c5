import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, isAbsolute, relative, resolve } from 'node:path';
import type { Endpoint } from '../postgres/endpoint';
import { ConfigError } from '../config/config-error';
import { resolveEndpoint } from '../config/endpoint';
import { Problems } from '../config/problems';
import { describeTables } from '../source/describe-tables';
import { listTables, proposeCursor } from '../source/list-tables';
import { CommandError } from './command-error';
import { type ProposedTable, renderConfig } from './config-template';
import type { InitOptions } from './init';
import { withSession } from './with-session';

/** Where the source is, unless --from says so. */
const SOURCE_VARIABLE = 'SOURCE_URL';

/** Writes a configuration file, with the source's tables in it where the source can be reached. */
export async function runInit(options: InitOptions): Promise<number> {
  const file = resolve(options.config);
  if (existsSync(file) && !options.force)
    throw new CommandError(
      'usage',
      `${options.config} is there already`,
      'Name another file with -c FILE, or write over it with --force.',
    );
  const folder = dirname(file);
  const from = options.from === undefined ? undefined : pathFrom(folder, options.from);
  const endpoint = await sourceEndpoint(from, folder);
  const tables = endpoint && (await findTables(endpoint));
  await mkdir(folder, { recursive: true });
  const source =
    from === undefined ? `{ url: '\${${SOURCE_VARIABLE}}' }` : `{ configuration: ${JSON.stringify(from)} }`;
  await writeFile(file, renderConfig({ name: nameFrom(endpoint), source, tables: tables ?? [] }));
  tell(options, tables, endpoint !== undefined);
  return 0;
}

/** Relative to the configuration file's folder, as paths in it are. */
function pathFrom(folder: string, path: string): string {
  const found = relative(folder, resolve(path));
  return isAbsolute(found) || found.startsWith('.') ? found : `./${found}`;
}

async function sourceEndpoint(from: string | undefined, folder: string): Promise<Endpoint | undefined> {
  const url = process.env[SOURCE_VARIABLE];
  if (from === undefined && url === undefined) return undefined;
  const problems = new Problems(from ?? SOURCE_VARIABLE, () => undefined);
  const keys = from === undefined ? { url: url ?? '' } : { configuration: from };
  const endpoint = await resolveEndpoint(
    { ...keys, connectTimeout: 5_000, queryTimeout: 60_000 },
    ['source'],
    folder,
    problems,
  );
  if (!endpoint || problems.list.length > 0) throw new ConfigError(problems.list);
  return endpoint;
}

/** Undefined where the source cannot be asked: init writes a template then, and says why. */
async function findTables(endpoint: Endpoint): Promise<ProposedTable[] | undefined> {
  try {
    return await withSession({ source: endpoint, destination: endpoint }, 'source', async (client) => {
      const described = await describeTables(client, await listTables(client));
      return described.map((table) => ({ table, ...proposeCursor(table) }));
    });
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    process.stderr.write(
      `${error.message}. ${error.remedy} The file is written without the source's tables.\n`,
    );
    return undefined;
  }
}

function nameFrom(endpoint: Endpoint | undefined): string {
  const name = endpoint?.database
    .toLowerCase()
    .replace(/[^a-z0-9_-]+/g, '-')
    .replace(/^[^a-z0-9]+/, '');
  return name === undefined || name === '' ? 'plant' : name;
}

function tell({ config, json }: InitOptions, tables: ProposedTable[] | undefined, tried: boolean): void {
  const ready = tables?.filter(({ cursor }) => cursor !== undefined).length ?? 0;
  if (json) {
    process.stdout.write(
      `${JSON.stringify({ ok: true, file: config, connected: tables !== undefined, tables: ready }, null, 2)}\n`,
    );
    return;
  }
  const what = tables
    ? `${ready} of the source's ${tables.length} tables`
    : tried
      ? 'a template'
      : `a template: give --from configuration.json or ${SOURCE_VARIABLE} to have the source's tables in it`;
  process.stdout.write(
    `Wrote ${config}, with ${what}.\nSet DESTINATION_URL, look it over, then run: tidemark check -c ${config}\n`,
  );
}
