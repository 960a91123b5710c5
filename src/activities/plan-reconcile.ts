import { activityInfo } from '@temporalio/activity';
import type { PoolClient } from 'pg';
import type { TableConfig } from '../config/config';
import { noteSeen, readBaselines } from '../destination/baselines';
import { ensureCheckpointSchema } from '../destination/checkpoint-schema';
import { describeDestination } from '../destination/describe-destination';
import { readIntervals } from '../destination/intervals';
import { type Checkpoint, readCheckpoint } from '../destination/read-checkpoint';
import { ensureSoftColumn } from '../destination/soft-column';
import { formatCursorValue, parseCursorValue } from '../plan/cursor-value';
import { type Interval, subtract } from '../plan/intervals';
import { stretchesPerPortion, toPortions } from '../plan/portions';
import type { ComparePlan, CompareRequest } from '../plan/reconcile-wire';
import { losesUntold, type TableSpec } from '../plan/table-spec';
import { parseTableName } from '../postgres/identifiers';
import { describeTable } from '../source/describe-tables';
import { readCounters } from '../source/read-counters';
import { readIdentity } from '../source/read-identity';
import { boundInTicks, startInTicks } from './bounds';
import { chooseSpec } from './choose-spec';
import { chunksOf } from './chunks-of';
import type { CompareRules } from './compare-portion';
import { comparedStretches } from './compared-stretches';
import { qualified, requireConfigured } from './configured-tables';
import { type Dependencies, resourcesOf } from './dependencies';
import { Problem } from './problem';
import { createPulse } from './pulse';
import { refuseOtherEncoding } from './refuse-other-encoding';
import { refuseOtherMeaning } from './refuse-other-meaning';
import { withBothEnds } from './with-both-ends';

export interface PlannedComparison extends ComparePlan {
  rules: CompareRules;
  /** By this name it noted what it saw. */
  seenBy: string;
}

/**
 * Plans a table's comparison: which stretches below the watermark may have changed since they were last found equal.
 * Leaves out what a run has yet to copy. Notes the counters that it went by, when the comparison may settle them.
 */
export async function planReconcile(
  dependencies: Dependencies,
  request: CompareRequest,
): Promise<PlannedComparison> {
  const { config, ...ends } = resourcesOf(dependencies, request.sync);
  const configured = requireConfigured(config, request.sync, request.table);
  const pulse = createPulse();
  return withBothEnds({ config, ...ends }, (reader, writer) =>
    pulse.while(plan(reader, writer, request, configured.config)),
  );
}

async function plan(
  reader: PoolClient,
  writer: PoolClient,
  request: CompareRequest,
  config: TableConfig,
): Promise<PlannedComparison> {
  await ensureCheckpointSchema(writer);
  const checkpoint = await readCheckpoint(writer, request);
  const spec = checkpoint?.spec;
  if (spec == null || checkpoint?.watermark == null) return neverCopied(spec);
  const described = await describeTable(reader, qualified(parseTableName(request.table)));
  if (described === undefined)
    throw new Problem(
      'Drift',
      'the source has no such table any more',
      'Take it out of the configuration, or restore it.',
    );
  const choice = chooseSpec(described, config);
  refuseOtherMeaning(described, choice, await readIdentity(reader), checkpoint);
  await refuseOtherEncoding(reader, writer);
  const { kind, column } = spec.cursor;
  // What is configured now holds, also where it has changed since the last sync.
  const current: TableSpec = { ...spec, retention: config.retention, chunks: chunksOf(described, column) };
  const untold = losesUntold(current) && choice.deletes !== 'keep';
  const rules = await rulesOf(
    writer,
    { ...current, deletes: untold ? 'keep' : choice.deletes },
    request.repair,
  );

  const { ranges, unfinished } = await comparedRanges(writer, request, current, checkpoint, config);
  const counters = await readCounters(reader, described, current.chunks);
  const baselines = await readBaselines(writer, request, kind);
  const estimatedRows = Math.max(described.estimatedRows ?? 0, checkpoint.rows);
  const situation = { reader, writer, spec: current, baselines, counters, estimatedRows };
  const watermark = parseCursorValue(kind, checkpoint.watermark);
  const { stretches, dropped, seen, forgotten } = await comparedStretches(
    { ...situation, watermark },
    ranges,
  );
  const seenBy = activityInfo().workflowExecution?.runId ?? '';
  if (request.repair) await noteSeen(writer, request, kind, seenBy, seen, forgotten);
  const archives = stretches.filter(({ archive }) => archive);
  const incomparable = spec.mode === 'upsert' ? 0 : archives.length;
  const wanted = stretches.filter(
    ({ changed, archive }) => (request.depth === 'full' || changed) && !(archive && incomparable > 0),
  );
  const asText = ({ lower, upper }: Interval) => ({
    lower: formatCursorValue(kind, lower),
    upper: formatCursorValue(kind, upper),
  });
  return {
    kind,
    watermark: checkpoint.watermark,
    rules,
    seenBy,
    archives: archives.map(asText),
    portions: toPortions(wanted, stretchesPerPortion(estimatedRows, stretches.length)).map((portion) => ({
      ...asText(portion),
      cuts: portion.cuts.map((cut) => formatCursorValue(kind, cut)),
      ...(portion.archive && { archive: true as const }),
    })),
    stretches: stretches.length,
    skipped: stretches.length - wanted.length,
    dropped,
    uncompared: unfinished.map(asText),
    warnings: [
      ...(request.depth === 'hinted' && counters.unknown !== undefined
        ? [`everything was compared, since nothing tells what has changed: ${counters.unknown}`]
        : []),
      ...(unfinished.length > 0
        ? [`${unfinished.length} intervals were left out: a run has yet to copy them`]
        : []),
      ...(untold
        ? [
            'rows that are gone at the source were kept: with a cursor column that is not the time dimension they cannot be told from those of dropped chunks, which retention: keep keeps',
          ]
        : []),
      ...(incomparable > 0
        ? [
            `${incomparable} chunks were dropped and made anew at the source; what was copied before cannot be told from it without a key, so they were not compared`,
          ]
        : []),
    ],
  };
}

/** What was copied: from the start to the watermark, less what a run has yet to copy again, within what is asked for. */
async function comparedRanges(
  writer: PoolClient,
  request: CompareRequest,
  { cursor: { kind } }: TableSpec,
  checkpoint: Checkpoint,
  config: TableConfig,
): Promise<{ ranges: Interval[]; unfinished: Interval[] }> {
  const start = startInTicks(kind, config.start);
  const watermark = parseCursorValue(kind, checkpoint.watermark ?? '');
  const from = request.from === undefined ? start : boundInTicks(kind, 'from', request.from);
  const to = request.to === undefined ? watermark : boundInTicks(kind, 'to', request.to);
  if (request.from !== undefined && request.to !== undefined && from >= to)
    throw new Problem('Configuration', 'from is not before to', 'The range is [from, to): exchange the two.');
  const lower = from > start ? from : start;
  const upper = to < watermark ? to : watermark;
  const unfinished = (await readIntervals(writer, request, kind)).filter(
    (interval) => interval.position < interval.upper && interval.position < upper && interval.upper > lower,
  );
  const whole = lower < upper ? [{ lower, upper, position: lower, rewrite: false }] : [];
  const ranges = unfinished.reduce(
    (rest, { position, upper: end }) => subtract(rest, { lower: position, upper: end }),
    whole,
  );
  return {
    ranges: ranges.map((range) => ({ lower: range.position, upper: range.upper })),
    unfinished: unfinished.map(({ position, upper: end }) => ({ lower: position, upper: end })),
  };
}

async function rulesOf(
  writer: PoolClient,
  { deletes, destination }: TableSpec,
  repair: boolean,
): Promise<CompareRules> {
  if (typeof deletes === 'string') return { deletes };
  if (repair) await ensureSoftColumn(writer, destination, deletes.soft);
  const table = await describeDestination(writer, destination);
  const there = table?.columns.some(({ name }) => name === deletes.soft) ?? false;
  return { deletes, ...(there && { softColumn: deletes.soft }) };
}

function neverCopied(spec: TableSpec | null | undefined): PlannedComparison {
  return {
    kind: spec?.cursor.kind ?? 'timestamptz',
    watermark: null,
    rules: { deletes: 'keep' },
    seenBy: '',
    archives: [],
    portions: [],
    stretches: 0,
    skipped: 0,
    dropped: 0,
    uncompared: [],
    warnings: ['it was never copied to its end, so that there is nothing to compare yet'],
  };
}
