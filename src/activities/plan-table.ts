import { activityInfo } from '@temporalio/activity';
import type { PoolClient } from 'pg';
import { ensureCheckpointSchema } from '../destination/checkpoint-schema';
import { evolveTable } from '../destination/evolve-table';
import { isBinaryIdentical, mapTypes } from '../destination/map-types';
import { type Checkpoint, readCheckpoint } from '../destination/read-checkpoint';
import { storePlan } from '../destination/store-plan';
import type { Start, TableConfig } from '../config/config';
import { rowsPerBatch } from '../plan/batch-size';
import {
  type CursorKind,
  durationInTicks,
  formatCursorValue,
  isTime,
  parseCursorValue,
  rangeOfKind,
} from '../plan/cursor-value';
import { planIntervals, stretchToRead } from '../plan/plan-intervals';
import type { TableSpec } from '../plan/table-spec';
import type { TablePlan } from '../plan/wire';
import { formatName, parseTableName } from '../postgres/identifiers';
import { countOddRows } from '../source/count-odd-rows';
import { describeTable, type SourceTable } from '../source/describe-tables';
import { sampleWidth } from '../source/sample-width';
import { lookbackInTicks, startInTicks } from './bounds';
import { chooseCuts } from './choose-cuts';
import { chooseHorizon } from './choose-horizon';
import { chooseSpec, type TableChoice } from './choose-spec';
import { configuredTable, qualified } from './configured-tables';
import { type Dependencies, resourcesOf, type SyncResources } from './dependencies';
import { describeOddRows } from './odd-rows';
import { Problem } from './problem';
import { createPulse } from './pulse';
import { withBothEnds } from './with-both-ends';

/** Of rows whose width nobody knows yet. */
const UNKNOWN_ROW_BYTES = 200;

/**
 * Plans a table's run and takes the table over: settles how it is copied, makes or checks the destination's table,
 * fixes the horizon, and stores the intervals to copy under a new epoch. May be repeated: what was planned before and
 * not copied stays planned.
 */
export async function planTable(
  dependencies: Dependencies,
  { sync, table }: { sync: string; table: string },
): Promise<TablePlan> {
  const resources = resourcesOf(dependencies, sync);
  const name = qualified(parseTableName(table));
  const configured = configuredTable(resources.config, name);
  if (configured === undefined)
    throw new Problem(
      'Configuration',
      `the sync '${sync}' has no such table`,
      'Add it to the configuration.',
    );
  const pulse = createPulse(resources.config.source.queryTimeoutMs);
  return withBothEnds(resources, (reader, writer) =>
    pulse.while(plan(reader, writer, { sync, table, config: configured.config, resources })),
  );
}

interface Planning {
  sync: string;
  table: string;
  config: TableConfig;
  resources: SyncResources;
}

async function plan(reader: PoolClient, writer: PoolClient, planning: Planning): Promise<TablePlan> {
  const { sync, table, config, resources } = planning;
  const key = { sync, table };
  await ensureCheckpointSchema(writer);
  const checkpoint = await readCheckpoint(writer, key);
  const described = await describeTable(reader, qualified(parseTableName(table)));
  if (described === undefined) throw tableMissing(checkpoint);
  const choice = chooseSpec(described, config);
  const spec = await settleSpec(writer, described, choice, config, checkpoint);

  const { column, kind } = spec.cursor;
  const cursor = { table: spec.source, column, kind };
  const { settleDelayMs } = resources.config;
  const chosen = await chooseHorizon(reader, cursor, {
    settleDelayMs,
    timeZone: config.timeZone,
    observed: checkpoint?.observation ?? undefined,
  });
  const start = startInTicks(kind, config.start);
  const planned = checkpoint?.planned == null ? undefined : parseCursorValue(kind, checkpoint.planned);
  const horizon = chosen.horizon ?? planned ?? start;
  const bounds = { planned, start, lookback: lookbackInTicks(kind, config), horizon };
  const stretch = stretchToRead(bounds);
  const width = await sampleWidth(
    reader,
    cursor,
    stretch,
    spec.columns.map(({ name }) => name),
  );
  const averageRowBytes = width ?? UNKNOWN_ROW_BYTES;
  const cuts = await chooseCuts(
    reader,
    described,
    cursor,
    stretch,
    rowsPerBatch(config.batch, averageRowBytes),
  );
  const odd = await countOddRows(
    reader,
    { ...cursor, notNull: choice.cursor.notNull },
    { start, horizon: stretch.upper },
  );

  const { epoch, intervals } = await storePlan(writer, key, {
    epoch: checkpoint?.epoch ?? 0,
    run: runName(),
    spec,
    planned: stretch.upper,
    observation: chosen.observation,
    intervals: (unfinished) =>
      planIntervals({
        ...bounds,
        unfinished,
        cuts,
        rewrite: spec.mode !== 'upsert' && checkpoint?.rewrite === true,
      }),
  });
  const behind = planned !== undefined && chosen.horizon !== undefined && chosen.horizon < planned;
  return {
    epoch,
    kind,
    horizon: formatCursorValue(kind, stretch.upper),
    watermark: checkpoint?.watermark ?? null,
    intervals: intervals.map(({ id, lower, upper, position }) => ({
      id,
      lower: formatCursorValue(kind, lower),
      upper: formatCursorValue(kind, upper),
      position: formatCursorValue(kind, position),
    })),
    batchLimits: config.batch,
    averageRowBytes,
    estimatedRows: described.estimatedRows ?? 0,
    straight: !checkpoint?.rewrite,
    odd,
    warnings: [
      ...chosen.warnings,
      ...(behind
        ? ["the horizon is behind that of the last run, so it does not move: is the source's clock right?"]
        : []),
      ...describeOddRows(odd, column),
    ],
  };
}

/** Makes or checks the destination's table, and writes down how rows get there. */
async function settleSpec(
  writer: PoolClient,
  described: SourceTable,
  choice: TableChoice,
  config: TableConfig,
  checkpoint: Checkpoint | undefined,
): Promise<TableSpec> {
  const before = checkpoint?.spec ?? undefined;
  if (before && checkpoint?.planned != null) refuseOtherMeaning(before, choice);
  const types = await mapTypes(writer, choice.columns, config.types);
  const wanted = choice.columns.map(({ name }) => ({
    name,
    type: types.get(name) ?? 'text',
    chosen: name in config.types,
  }));
  const evolved = await evolveTable(writer, {
    name: choice.destination,
    columns: wanted,
    key: choice.key,
    cursor: choice.cursor.column,
    mode: choice.mode,
    knownColumns: before?.columns.map(({ name }) => name),
    createdHere: before?.createdHere ?? false,
    mayCreate: checkpoint?.planned == null,
  });
  const columns = choice.columns.filter(({ name }) => evolved.columns.has(name));
  return {
    source: { schema: described.schema, name: described.name },
    destination: choice.destination,
    columns: columns.map(({ name, type }) => ({
      name,
      sourceType: type,
      destinationType: evolved.columns.get(name) ?? type,
    })),
    cursor: { column: choice.cursor.column, kind: choice.cursor.kind },
    key: choice.key,
    mode: choice.mode,
    keyUnique: choice.keyUnique,
    binary: columns.every((column) => isBinaryIdentical(column, evolved.columns.get(column.name) ?? '')),
    wide: described.large && columns.some(({ toastable }) => toastable),
    firstLoad: checkpoint?.watermark == null,
    createdHere: evolved.createdHere,
    cursorIndexed: evolved.cursorIndexed,
  };
}

/** A position means nothing once the cursor column is another one, and rows written by another key or mode don't mix. */
function refuseOtherMeaning(before: TableSpec, choice: TableChoice): void {
  const changes = [
    before.cursor.column === choice.cursor.column && before.cursor.kind === choice.cursor.kind
      ? ''
      : 'cursor column',
    before.mode === choice.mode ? '' : 'mode',
    before.key.join() === choice.key.join() ? '' : 'key',
    formatName(before.destination) === formatName(choice.destination) ? '' : 'target',
  ].filter(Boolean);
  if (changes.length === 0) return;
  throw new Problem(
    'Drift',
    `its ${changes.join(' and ')} changed since rows were last copied`,
    'Change the configuration back, or copy the table anew: `tidemark resync --table …`, after emptying the target.',
  );
}

function tableMissing(checkpoint: Checkpoint | undefined): Problem {
  const copied =
    checkpoint?.watermark == null ? '' : `, though it was copied up to ${checkpoint.watermark} before`;
  return new Problem(
    copied ? 'Drift' : 'Configuration',
    `the source has no such table, or the role may not see its schema${copied}`,
    'Correct its name in the configuration (capitals need double quotes), or take it out.',
  );
}

/** How later runs name this one when they refuse its batches. */
function runName(): string {
  const { workflowExecution } = activityInfo();
  return `run ${workflowExecution?.workflowId ?? ''} (${workflowExecution?.runId ?? ''})`;
}
