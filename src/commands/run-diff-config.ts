import type { PoolClient } from 'pg';
import { startInTicks } from '../activities/bounds';
import { chooseSpec, type TableChoice } from '../activities/choose-spec';
import { configuredTables } from '../activities/configured-tables';
import { changedMeaning, type ChangedSetting } from '../activities/refuse-other-meaning';
import type { Config, TableConfig } from '../config/config';
import { loadConfig } from '../config/load';
import { type Checkpoint, readCheckpoints } from '../destination/read-checkpoint';
import { formatCursorValue } from '../plan/cursor-value';
import type { TableSpec } from '../plan/table-spec';
import { formatIdentifier } from '../postgres/identifiers';
import { queryRows } from '../postgres/query';
import { describeTables } from '../source/describe-tables';
import { listTables } from '../source/list-tables';
import { readHypertableLayout } from '../source/read-hypertable-layout';
import { readIdentity } from '../source/read-identity';
import { z } from 'zod';
import { checkTarget } from './check-destination';
import type { SoundTable } from './check-source';
import { errorFinding, exitCodeOfFindings, type Finding, findingsOf } from './finding';
import { ended } from './format';
import { hasCheckpoints } from './has-checkpoints';
import type { CommonOptions } from './options';
import { withSession } from './with-session';

/** What the configuration means for one table. */
interface TableDiff {
  table: string;
  /** `removed`: copied before, and not configured any more. */
  change: 'added' | 'removed' | 'changed' | 'none';
  settings: ChangedSetting[];
  /** What the next sync does, in a sentence. */
  next: string;
  /** What a person must settle first. */
  findings: Finding[];
}

/** Compares the configuration with how each table was copied so far, as its checkpoint says, and changes nothing. */
export async function runDiffConfig(options: CommonOptions): Promise<number> {
  const config = await loadConfig(options.config);
  const { sound, unsound } = await withSession(config, 'source', (client) => readSource(client, config));
  const configured = [...sound.map(({ name }) => name), ...unsound.map(({ table }) => table)];
  const tables = await withSession(config, 'destination', async (client): Promise<TableDiff[]> => {
    const known = (await hasCheckpoints(client)) ? await tablesCopied(client, config.name) : [];
    const checkpoints =
      known.length > 0 ? await readCheckpoints(client, config.name, known) : new Map<string, Checkpoint>();
    const diffs: TableDiff[] = [];
    for (const table of sound) diffs.push(await diffTable(client, table, checkpoints.get(table.name)));
    const removed = known.filter((table) => !configured.includes(table)).map(removedTable);
    return [...diffs, ...unsound, ...removed];
  });
  const exitCode = exitCodeOfFindings(
    tables.flatMap(({ findings }) => findings),
    false,
  );
  if (options.json)
    process.stdout.write(`${JSON.stringify({ ok: exitCode === 0, sync: config.name, tables }, null, 2)}\n`);
  else print(tables);
  return exitCode;
}

async function tablesCopied(client: PoolClient, sync: string): Promise<string[]> {
  const rows = await queryRows(
    client,
    z.object({ table: z.string() }),
    `SELECT "table" FROM tidemark.tables WHERE sync = $1 ORDER BY 1`,
    [sync],
  );
  return rows.map(({ table }) => table);
}

/** The tables that the source has as they are configured, and what is wrong with the others. */
async function readSource(
  client: PoolClient,
  config: Config,
): Promise<{ sound: SoundTable[]; unsound: TableDiff[] }> {
  const configured = configuredTables(config, await listTables(client));
  const described = await describeTables(
    client,
    configured.map(({ table }) => table),
  );
  const identity = await readIdentity(client);
  const sound: SoundTable[] = [];
  const unsound: TableDiff[] = [];
  for (const one of configured) {
    const source = described.find(
      ({ schema, name }) => schema === one.table.schema && name === one.table.name,
    );
    try {
      if (!source) throw missingTable;
      const choice = chooseSpec(source, one.config);
      const layout = source.kind === 'hypertable' ? await readHypertableLayout(client, source) : undefined;
      sound.push({ ...one, choice, described: source, layout, identity });
    } catch (error) {
      const findings = error === missingTable ? [noTable(one.name)] : findingsOf(error, one.name);
      unsound.push({ table: one.name, change: 'changed', settings: [], next: 'it fails', findings });
    }
  }
  return { sound, unsound };
}

const missingTable = new Error('the source has no such table');

function noTable(name: string): Finding {
  return errorFinding(
    'configuration',
    name,
    'the source has no such table, or the role may not see its schema',
    'Correct its name in the configuration (capitals need double quotes), or take it out.',
  );
}

async function diffTable(
  client: PoolClient,
  table: SoundTable,
  checkpoint: Checkpoint | undefined,
): Promise<TableDiff> {
  const findings = (await checkTarget(client, table, checkpoint)).filter(({ level }) => level === 'error');
  const { name, choice, config } = table;
  const before = checkpoint?.spec;
  if (!before || checkpoint.planned === null) {
    const next = before
      ? 'it was to be resynced: the next sync copies it from its start'
      : 'the next sync copies it from its start';
    const settings = before ? changedMeaning(before, choice) : [];
    return { table: name, change: before ? 'changed' : 'added', settings, next, findings };
  }
  const meaning = changedMeaning(before, choice);
  const settings = [...meaning, ...changedSettings(before, choice, config)];
  const next =
    meaning.length > 0
      ? 'it is refused until it is resynced, or the configuration is changed back'
      : findings.length > 0
        ? 'it is refused until this is settled'
        : settings.length > 0
          ? 'the next sync goes on so; what was copied stays as it is'
          : 'the next sync goes on';
  const change = settings.length > 0 || findings.length > 0 ? 'changed' : 'none';
  return { table: name, change, settings, next, findings };
}

/** What holds for what is copied from now on, and leaves the meaning of what was copied. */
function changedSettings(before: TableSpec, choice: TableChoice, config: TableConfig): ChangedSetting[] {
  const columns = new Map(before.columns.map(({ name, sourceType }) => [name, sourceType]));
  const today = new Map(choice.columns.map(({ name, type }) => [name, type]));
  const { kind } = choice.cursor;
  const deletes = (value: TableSpec['deletes']): string =>
    typeof value === 'string' ? value : `soft: ${value.soft}`;
  return [
    ...[...new Set([...columns.keys(), ...today.keys()])].map((name) => ({
      what: `column ${formatIdentifier(name)}`,
      before: columns.get(name) ?? 'none',
      now: today.get(name) ?? 'none',
    })),
    {
      what: 'start',
      before: before.start,
      now:
        before.cursor.kind === kind
          ? formatCursorValue(kind, startInTicks(kind, config.start))
          : before.start,
    },
    { what: 'deletes', before: deletes(before.deletes), now: deletes(choice.deletes) },
    { what: 'deleteLimit', before: String(before.deleteLimit), now: String(config.deleteLimit) },
    { what: 'retention', before: before.retention, now: config.retention },
  ].filter((setting) => setting.before !== setting.now);
}

function removedTable(table: string): TableDiff {
  const next =
    'nothing is copied any more; the target and the checkpoint stay, and it goes on once it is configured again';
  return { table, change: 'removed', settings: [], next, findings: [] };
}

function print(tables: TableDiff[]): void {
  for (const { table, change, settings, next, findings } of tables) {
    if (change === 'none') continue;
    process.stdout.write(`${ended(`${table} (${change}): ${next}`)}\n`);
    for (const { what, before, now } of settings) process.stdout.write(`  ${what}: ${before} → ${now}\n`);
    for (const { what, remedy } of findings) process.stdout.write(`  ${ended(what)} ${remedy}\n`);
  }
  const same = tables.filter(({ change }) => change === 'none').length;
  process.stdout.write(`${same} of ${tables.length} tables go on as before.\n`);
}
