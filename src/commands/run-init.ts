import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, isAbsolute, relative, resolve } from 'node:path';
import type { Endpoint } from '../postgres/endpoint';
import { describeTables } from '../source/describe-tables';
import { listTables } from '../source/list-tables';
import { type Proposal, propose } from '../source/propose';
import { CommandError } from './command-error';
import { type ConfigChoices, type ProposedTable, renderConfig } from './config-template';
import { exitCodes } from './exit-codes';
import type { InitOptions } from './init';
import { SOURCE_VARIABLE, sourceEndpoint, sourcePlace, type SourcePlace } from './source-endpoint';
import { withSession } from './with-session';

/** A table of the source, and all that could be chosen for it. */
export type InitTable = ProposedTable & Pick<Proposal, 'candidates'>;

/** What `init` knows before anything is chosen. */
export interface Found {
  /** A name for the sync. */
  name: string;
  /** Undefined where the source is not known or cannot be asked. */
  tables: InitTable[] | undefined;
}

/** Writes a configuration file, with the source's tables in it where the source can be reached. */
export async function runInit(options: InitOptions): Promise<number> {
  const file = resolve(options.config);
  if (existsSync(file) && !options.force)
    throw new CommandError(
      'usage',
      `${options.config} is there already`,
      'Name another file with -c FILE, or write over it with --force.',
    );
  const questions = asksQuestions(options)
    ? await (await import('./ask-init.js')).Questions.open()
    : undefined;
  const place = sourcePlace(options.from) ?? (await questions?.source());
  if (place === 'cancelled') return exitCodes.interrupted;
  const endpoint = place && (await sourceEndpoint(place));
  const tables = endpoint && (await findTables(endpoint));
  const found = { name: nameFrom(endpoint), tables };
  const chosen = questions ? await questions.choices(found) : choicesFrom(found);
  if (chosen === 'cancelled') return exitCodes.interrupted;
  const folder = dirname(file);
  await write(
    file,
    renderConfig({
      ...chosen,
      source: sourceKeys(place, folder),
      destination:
        chosen.destination === undefined
          ? `{ url: '\${DESTINATION_URL}' }`
          : configurationKeys(chosen.destination, folder),
    }),
  );
  tell(options, tables && chosen.tables, tables?.length, place, chosen.destination === undefined);
  return 0;
}

async function write(file: string, text: string): Promise<void> {
  try {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';
    throw new CommandError(
      'configuration',
      `${file} cannot be written${code}`,
      'Name a file with -c FILE in a folder that you may write to, on a disk that has room.',
    );
  }
}

/** Asks where a person is at both ends, and nothing says that the proposals are to be taken. */
function asksQuestions({ yes, json }: InitOptions): boolean {
  return process.stdin.isTTY && process.stdout.isTTY && !yes && !json && process.env['TERM'] !== 'dumb';
}

/** All that is proposed, unasked. */
function choicesFrom({ name, tables }: Found): ConfigChoices {
  return { name, tables: tables ?? [], lookback: '10 minutes', destination: undefined };
}

function sourceKeys(place: SourcePlace | undefined, folder: string): string {
  return place && 'file' in place
    ? configurationKeys(place.file, folder)
    : `{ url: '\${${SOURCE_VARIABLE}}' }`;
}

/** Relative to the configuration file's folder, as paths in it are. */
function configurationKeys(path: string, folder: string): string {
  const found = relative(folder, resolve(path));
  const written = isAbsolute(found) || found.startsWith('.') ? found : `./${found}`;
  return `{ configuration: ${JSON.stringify(written)} }`;
}

/** Undefined where the source cannot be asked: init writes a template then, and says why. */
async function findTables(endpoint: Endpoint): Promise<InitTable[] | undefined> {
  try {
    return await withSession({ source: endpoint, destination: endpoint }, 'source', async (client) => {
      const described = await describeTables(client, await listTables(client));
      return described.map((table) => ({ table, ...propose(table) }));
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

function tell(
  { config, json }: InitOptions,
  chosen: ProposedTable[] | undefined,
  total: number | undefined,
  place: SourcePlace | undefined,
  destinationUnset: boolean,
): void {
  const ready = chosen?.filter(({ cursor }) => cursor !== undefined).length ?? 0;
  if (json) {
    process.stdout.write(
      `${JSON.stringify({ ok: true, file: config, connected: chosen !== undefined, tables: ready }, null, 2)}\n`,
    );
    return;
  }
  const what =
    total !== undefined
      ? `${ready} of the source's ${total} tables`
      : place
        ? 'a template'
        : `a template: give --from configuration.json or ${SOURCE_VARIABLE} to have the source's tables in it`;
  const variables = [
    ...(place && 'url' in place && process.env[SOURCE_VARIABLE] === undefined ? [SOURCE_VARIABLE] : []),
    ...(destinationUnset ? ['DESTINATION_URL'] : []),
  ];
  const first = variables.length === 0 ? 'Look' : `Set ${variables.join(' and ')}, look`;
  process.stdout.write(
    `Wrote ${config}, with ${what}.\n${first} it over, then run: tidemark check -c ${config}\n`,
  );
}
