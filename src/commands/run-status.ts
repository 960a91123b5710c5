import Table from 'cli-table3';
import { type ConfiguredTable, configuredTables } from '../activities/configured-tables';
import type { Config } from '../config/config';
import { loadConfig } from '../config/load';
import { listTables } from '../source/list-tables';
import { CommandError } from './command-error';
import { exitCodes } from './exit-codes';
import { formatCount, formatDuration, formatSecond } from './format';
import { describeFailure } from './report-error';
import { readRunStatus, type RunStatus } from './run-state';
import { type Lag, readHeldBack, readLag } from './source-lag';
import type { StatusOptions } from './status';
import { readTableCheckpoint, type TableCheckpoint } from './table-checkpoint';
import { watchStatus } from './watch-status';
import { withSession } from './with-session';
import { colours } from './colours';

interface TableStatus extends TableCheckpoint {
  table: string;
  lag: Lag | null;
  /** Of the run under way, or the last one. */
  error: string | null;
}

interface Status {
  sync: string;
  run: RunStatus;
  /** What keeps the horizon below the source's now less the settle delay. */
  heldBackBy: string | null;
  tables: TableStatus[];
}

/** Shows where every table stands: checkpoints from the destination, the lag from the source, the run from Temporal. */
export async function runStatus(options: StatusOptions): Promise<number> {
  const config = await loadConfig(options.config);
  const json = options.json ?? false;
  if (!options.watch) {
    const status = await readStatus(config);
    process.stdout.write(`${json ? JSON.stringify({ ok: true, ...status }, null, 2) : describe(status)}\n`);
    return exitCodes.ok;
  }
  if (!json && !process.stdout.isTTY)
    throw new CommandError(
      'usage',
      '--watch draws over what it has drawn, which needs a terminal',
      'Add --json for one JSON object a line.',
    );
  return watchStatus(() => lookAgain(config, json), json ? 'lines' : 'screen');
}

/** A database that is away for a while is told of, and looked for again. */
async function lookAgain(config: Config, json: boolean): Promise<string> {
  const at = new Date().toISOString();
  try {
    const status = await readStatus(config);
    return json ? JSON.stringify({ ok: true, at, ...status }) : describe(status);
  } catch (error) {
    const { kind, lines } = describeFailure(error);
    if (kind !== 'connection') throw error;
    const message = lines.join('\n');
    return json ? JSON.stringify({ ok: false, at, error: { kind, message } }) : message;
  }
}

async function readStatus(config: Config): Promise<Status> {
  const run = await readRunStatus(config);
  const configured = await namesOf(config);
  const checkpoints = await withSession(config, 'destination', (client) =>
    readTableCheckpoint(
      client,
      config.name,
      configured.map(({ name }) => name),
    ),
  );
  return withSession(config, 'source', async (client): Promise<Status> => {
    const tables: TableStatus[] = [];
    for (const [index, { name, table }] of configured.entries()) {
      const { spec, ...checkpoint } = checkpoints[index] ?? noCheckpoint;
      const lag =
        spec && checkpoint.watermark !== null
          ? await readLag(client, { table, ...spec.cursor }, checkpoint.watermark)
          : null;
      tables.push({ table: name, ...checkpoint, lag, error: run.tables[name] ?? null });
    }
    return { sync: config.name, run, heldBackBy: await readHeldBack(client, config.settleDelayMs), tables };
  });
}

const noCheckpoint = {
  watermark: null,
  rows: 0,
  intervals: 0,
  intervalsUnderWay: 0,
  completedAt: null,
  reconciledAt: null,
  spec: null,
};

async function namesOf(config: Config): Promise<ConfiguredTable[]> {
  const existing = config.tables.some(({ name }) => !name)
    ? await withSession(config, 'source', listTables)
    : [];
  return configuredTables(config, existing);
}

function describe({ sync, run, heldBackBy, tables }: Status): string {
  const table = new Table({
    head: ['table', 'watermark', 'lag', 'rows copied', 'intervals left', 'last completed', 'reconciled'],
    colAligns: ['left', 'left', 'left', 'right', 'right', 'left', 'left'],
    style: { head: [], border: [], compact: true },
  });
  for (const one of tables) {
    const left = one.intervals === 0 ? '' : formatCount(one.intervalsUnderWay);
    table.push([
      one.table,
      one.watermark ?? 'not copied yet',
      describeLag(one.lag),
      formatCount(one.rows),
      left,
      one.completedAt?.slice(0, 19) ?? '',
      one.reconciledAt === null ? '' : formatSecond(one.reconciledAt),
    ]);
  }
  const lines = [
    `${colours.bold(sync)}: ${run.text}`,
    table.toString(),
    ...(heldBackBy === null ? [] : [`The horizon is held back by ${heldBackBy}.`]),
  ];
  for (const { table: name, error } of tables) if (error !== null) lines.push(`${name}: ${error}`);
  if (run.error !== null && tables.every(({ error }) => error === null))
    lines.push(`Last error: ${run.error}`);
  return lines.join('\n');
}

function describeLag(lag: Lag | null): string {
  if (lag === null) return '';
  if ('unknown' in lag) return lag.unknown;
  if ('ms' in lag) return lag.ms === 0 ? 'none' : formatDuration(lag.ms);
  return lag.ticks === '0' ? 'none' : `up to ${lag.ticks}`;
}
