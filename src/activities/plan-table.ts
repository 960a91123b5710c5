import { activityInfo } from '@temporalio/activity';
import type { PoolClient } from 'pg';
import { unsettle } from '../destination/baselines';
import { ensureCheckpointSchema } from '../destination/checkpoint-schema';
import { type Checkpoint, readCheckpoint } from '../destination/read-checkpoint';
import { buildKey } from '../destination/defer-key';
import { storePlan } from '../destination/store-plan';
import type { TableConfig } from '../config/config';
import { rowsPerBatch } from '../plan/batch-size';
import { formatCursorValue, parseCursorValue, rangeOfKind } from '../plan/cursor-value';
import { planIntervals, stretchToRead } from '../plan/plan-intervals';
import { plannedBefore } from '../plan/planned-before';
import type { TableSpec } from '../plan/table-spec';
import type { AgainInterval, TablePlan } from '../plan/wire';
import { parseTableName } from '../postgres/identifiers';
import { countOddRows } from '../source/count-odd-rows';
import { describeTable, type SourceTable } from '../source/describe-tables';
import { readHypertableLayout } from '../source/read-hypertable-layout';
import { readIdentity } from '../source/read-identity';
import { lookbackInTicks, startInTicks } from './bounds';
import { chooseCuts } from './choose-cuts';
import { chooseHorizon, type HorizonOptions } from './choose-horizon';
import { chooseSpec } from './choose-spec';
import { chunksToCompress, compressesByInterval } from './chunks-to-compress';
import { complete } from './complete-table';
import { qualified, requireConfigured } from './configured-tables';
import { type Dependencies, resourcesOf, type SyncResources } from './dependencies';
import { describeOddRows, refuseOnlyNulls } from './odd-rows';
import { Problem } from './problem';
import { logPlan, observeCompleted, observeLag } from './observe-table';
import { createPulse } from './pulse';
import { refuseOtherMeaning } from './refuse-other-meaning';
import { refuseSameTable } from './refuse-same-table';
import { runName } from './run-name';
import { settleSpec } from './settle-spec';
import { sampleStretches, tableStretches } from './table-stretches';
import { unixSeconds } from './source-clock';
import { specBefore } from './wanted-table';
import { withBothEnds } from './with-both-ends';

/** Of rows whose width nobody knows yet. */
const UNKNOWN_ROW_BYTES = 200;

export interface PlanInput {
  sync: string;
  table: string;
  /** What a comparison found to differ: copied again, whatever the checkpoint says. */
  again?: AgainInterval[];
  /** Whatever is gone at the source may be deleted, beyond the table's limit. */
  allowDeletes?: boolean;
}

/**
 * Plans a table's run and takes the table over: settles how it is copied, makes or checks the destination's table,
 * fixes the horizon, and stores the intervals to copy under a new epoch. May be repeated: what was planned before and
 * not copied stays planned.
 */
export async function planTable(
  dependencies: Dependencies,
  { sync, table, again = [], allowDeletes = false }: PlanInput,
): Promise<TablePlan> {
  const resources = resourcesOf(dependencies, sync);
  const configured = requireConfigured(resources.config, sync, table);
  const pulse = createPulse();
  const request = { sync, table, again, allowDeletes, config: configured.config, resources, dependencies };
  const planned = await withBothEnds(resources, (reader, writer) =>
    pulse.while(plan(reader, writer, request)),
  );
  logPlan(planned);
  if (planned.completed) observeCompleted(dependencies, { sync, table }, planned.horizonAt);
  return planned;
}

const HIDDEN_ROWS =
  'row-level security at the source may hide rows from this role: those are not copied; let the role bypass it (BYPASSRLS) to copy them';

interface Planning extends Required<PlanInput> {
  config: TableConfig;
  resources: SyncResources;
  dependencies: Dependencies;
}

async function plan(reader: PoolClient, writer: PoolClient, planning: Planning): Promise<TablePlan> {
  const { sync, table, config, resources } = planning;
  const key = { sync, table };
  await ensureCheckpointSchema(writer);
  const checkpoint = await readCheckpoint(writer, key);
  const described = await describeTable(reader, qualified(parseTableName(table)));
  if (described === undefined) throw tableMissing(checkpoint);
  const choice = chooseSpec(described, config);
  const source = await readIdentity(reader);
  await refuseSameTable(reader, writer, described, choice.destination);
  refuseOtherMeaning(described, choice, source, checkpoint);
  const layout = described.kind === 'hypertable' ? await readHypertableLayout(reader, described) : undefined;
  const settled = await settleSpec(writer, key, described, layout, choice, config, checkpoint);
  const { created, warnings } = settled;
  const spec = planning.allowDeletes ? { ...settled.spec, deleteLimit: 100 } : settled.spec;

  const { column, kind } = spec.cursor;
  const cursor = { table: spec.source, column, kind };
  const { settleDelayMs } = resources.config;
  const chosen = await chooseHorizon(reader, cursor, {
    settleDelayMs,
    timeZone: config.timeZone,
    observed: checkpoint?.observation ?? undefined,
    dimension: dimensionOf(described, column),
  });
  const watermark = checkpoint?.watermark == null ? undefined : parseCursorValue(kind, checkpoint.watermark);
  observeLag(planning.dependencies, key, chosen, watermark);
  const start = startInTicks(kind, config.start);
  const planned = checkpoint?.planned == null ? undefined : parseCursorValue(kind, checkpoint.planned);
  // Where nothing is safe to read yet, nothing is planned, and what was planned stays.
  const horizon = chosen.horizon ?? planned ?? start;
  const bounds = { planned, start, lookback: lookbackInTicks(kind, config), horizon };
  const stretch = stretchToRead(bounds);
  const stretches = await tableStretches(reader, described, cursor);
  const columns = spec.columns.map(({ name }) => name);
  const width = await sampleStretches(reader, cursor, stretch, columns, stretches);
  const averageRowBytes = width ?? UNKNOWN_ROW_BYTES;
  const cuts = await chooseCuts(
    reader,
    described,
    cursor,
    stretch,
    {
      batchRows: rowsPerBatch(config.batch, averageRowBytes),
      lanes: resources.config.parallelism.intervals,
    },
    stretches,
  );
  const odd = await countOddRows(
    reader,
    { ...cursor, notNull: choice.cursor.notNull },
    { start, horizon: stretch.upper, stretches },
  );
  if (planned === undefined && width === undefined) refuseOnlyNulls(odd, column);

  const before = specBefore(choice, checkpoint);
  if (before && columnsOf(before) !== columnsOf(spec)) await unsettle(writer, key);
  const below = rewriteBelow(spec, before && checkpoint);
  const stale = planned !== undefined && before?.staleBelow && spec.mode === 'append';
  const newlyPlanned = chosen.horizon === undefined ? planned : stretch.upper;
  const { activityId, attempt } = activityInfo();
  const { epoch, intervals } = await storePlan(writer, key, {
    epoch: checkpoint?.epoch ?? 0,
    run: runName(),
    activity: activityId,
    attempt,
    spec,
    deferKey: created && spec.keyLater === true,
    planned: newlyPlanned,
    rewriteBelow:
      below !== undefined && newlyPlanned !== undefined && newlyPlanned >= below ? undefined : below,
    source,
    observation: chosen.observation,
    intervals: (unfinished) =>
      planIntervals({
        ...bounds,
        unfinished,
        again: planning.again.map(({ lower, upper, rewrite }) => ({
          lower: parseCursorValue(kind, lower),
          upper: parseCursorValue(kind, upper),
          position: parseCursorValue(kind, lower),
          rewrite,
        })),
        cuts,
        rewriteBelow:
          spec.mode === 'replace' && planned !== undefined
            ? stretch.upper
            : (below ?? (stale ? parseCursorValue(kind, before.start) : undefined)),
        newestFirst: planned === undefined && config.order === 'newest',
        before: before && planned !== undefined ? plannedBefore(before, planned) : undefined,
        empty: width === undefined && below === undefined && spec.mode !== 'replace',
      }),
  });
  // Another run's first load: what is there by now may be written again.
  if (spec.keyLater && !created) await buildKey(writer, spec);
  // Nothing to copy: one activity less for each table of a sync that runs often.
  const completed =
    intervals.length === 0
      ? await complete(writer, { ...key, epoch }, await chunksToCompress(reader, spec))
      : null;
  const { sourceClock } = chosen;
  const behind = planned !== undefined && chosen.horizon !== undefined && chosen.horizon < planned;
  return {
    epoch,
    kind,
    horizon: newlyPlanned === undefined ? null : formatCursorValue(kind, newlyPlanned),
    ...(sourceClock && newlyPlanned !== undefined && { horizonAt: unixSeconds(sourceClock, newlyPlanned) }),
    watermark: checkpoint?.watermark ?? null,
    intervals: intervals.map(({ id, lower, upper, position }) => ({
      id,
      lower: formatCursorValue(kind, lower),
      upper: formatCursorValue(kind, upper),
      position: formatCursorValue(kind, position),
    })),
    completed,
    batchLimits: config.batch,
    averageRowBytes,
    estimatedRows: described.estimatedRows ?? 0,
    straight: checkpoint?.rewriteBelow == null,
    ...(compressesByInterval(spec, layout) && { compressing: true }),
    odd,
    warnings: [
      ...warnings,
      ...(described.rowSecurity ? [HIDDEN_ROWS] : []),
      ...chosen.warnings,
      ...(behind
        ? [
            "the horizon is behind that of the last run, so it does not move: is the source's clock right, or is it a standby that lags?",
          ]
        : []),
      ...describeOddRows(odd, column),
    ],
  };
}

function columnsOf({ columns }: TableSpec): string {
  return JSON.stringify(
    columns.map(({ name, sourceType, destinationType }) => [name, sourceType, destinationType]),
  );
}

/**
 * Below which cursor value the destination may hold rows from before a resync, in modes that would double them. Of
 * another cursor column's values nothing can be said: everything is rewritten.
 */
function rewriteBelow({ mode, cursor }: TableSpec, checkpoint: Checkpoint | undefined): bigint | undefined {
  if (mode === 'upsert' || checkpoint?.rewriteBelow == null) return undefined;
  const { column, kind } = checkpoint.spec?.cursor ?? cursor;
  if (column !== cursor.column || kind !== cursor.kind) return rangeOfKind(cursor.kind)[1];
  return parseCursorValue(kind, checkpoint.rewriteBelow);
}

function dimensionOf({ hypertable, kind }: SourceTable, column: string): HorizonOptions['dimension'] {
  if (hypertable?.timeColumn !== column) return undefined;
  return { ...hypertable, aggregate: kind === 'continuous aggregate' };
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
