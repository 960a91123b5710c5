import { log } from '@temporalio/activity';
import type { PoolClient } from 'pg';
import type { TableConfig } from '../config/config';
import { ensureCheckpointSchema } from '../destination/checkpoint-schema';
import { areThere, completeIdle as moveIdle } from '../destination/complete-idle';
import { type Checkpoint, readCheckpoints } from '../destination/read-checkpoint';
import { formatCursorValue, parseCursorValue } from '../plan/cursor-value';
import { stretchToRead } from '../plan/plan-intervals';
import type { TableSpec } from '../plan/table-spec';
import type { IdleTable } from '../plan/wire';
import { formatName, parseTableName } from '../postgres/identifiers';
import { describeTables, type SourceTable } from '../source/describe-tables';
import { type LookRequest, lookForRows } from '../source/look-for-rows';
import { hasClock } from '../source/read-horizon';
import { readIdentity, sameIdentity } from '../source/read-identity';
import { lookbackInTicks, startInTicks } from './bounds';
import { type ChosenHorizon, chooseHorizon } from './choose-horizon';
import { chooseSpec, type TableChoice } from './choose-spec';
import { configuredTable, qualified } from './configured-tables';
import { type Dependencies, resourcesOf } from './dependencies';
import { settledSpec } from './settled-spec';
import { describeOddRows } from './odd-rows';
import { observeCompleted, observeLag } from './observe-table';
import { createPulse } from './pulse';
import { runName } from './run-name';
import { unixSeconds } from './source-clock';
import { withBothEnds } from './with-both-ends';

export interface IdleInput {
  sync: string;
  tables: string[];
}

/**
 * Completes, of these tables, those that have nothing new: all in a few queries, where a plan of its own for each would
 * take dozens. Returns what it completed; every other table, and whatever is doubtful, is for a plan of its own.
 */
export async function completeIdle(dependencies: Dependencies, input: IdleInput): Promise<IdleTable[]> {
  const resources = resourcesOf(dependencies, input.sync);
  const pulse = createPulse();
  return withBothEnds(resources, (reader, writer) =>
    pulse.while(
      (async () => {
        const candidates = await findCandidates(dependencies, reader, writer, input);
        const { settleDelayMs } = resources.config;
        return complete(dependencies, reader, writer, { sync: input.sync, settleDelayMs, candidates });
      })(),
    ),
  );
}

interface Candidate {
  name: string;
  config: TableConfig;
  choice: TableChoice;
  spec: TableSpec;
  checkpoint: Checkpoint & { planned: string };
}

/** Tables that were copied to their end, and are what they were then. */
async function findCandidates(
  dependencies: Dependencies,
  reader: PoolClient,
  writer: PoolClient,
  { sync, tables }: IdleInput,
): Promise<Candidate[]> {
  const { config } = resourcesOf(dependencies, sync);
  await ensureCheckpointSchema(writer);
  const checkpoints = await readCheckpoints(writer, sync, tables);
  const known = tables.filter((name) => checkpoints.get(name)?.watermark != null);
  if (known.length === 0) return [];
  const identity = await readIdentity(reader);
  const described = await describeTables(
    reader,
    known.map((name) => qualified(parseTableName(name))),
  );
  const candidates = described.flatMap((table) => {
    const name = formatName(table);
    const configured = configuredTable(config, table);
    const checkpoint = checkpoints.get(name);
    if (!configured || !checkpoint || !mayBeIdle(table)) return [];
    if (checkpoint.source === null || !sameIdentity(checkpoint.source, identity)) return [];
    const candidate = candidateOf(name, table, configured.config, checkpoint);
    return candidate ? [candidate] : [];
  });
  const there = await areThere(
    writer,
    candidates.map(({ spec }) => spec.destination),
  );
  return candidates.filter((_, index) => there[index]);
}

function candidateOf(
  name: string,
  table: SourceTable,
  config: TableConfig,
  checkpoint: Checkpoint,
): Candidate | undefined {
  try {
    const choice = chooseSpec(table, config);
    const spec = settledSpec(checkpoint, table, choice, config);
    const { planned } = checkpoint;
    if (spec === undefined || planned === null || !isQuick(table, choice)) return undefined;
    // In mode replace the lookback is rewritten, whatever it holds.
    if (spec.mode === 'replace' && lookbackInTicks(spec.cursor.kind, config) > 0n) return undefined;
    return { name, config, choice, spec, checkpoint: { ...checkpoint, planned } };
  } catch {
    // Its own plan says what is wrong.
    return undefined;
  }
}

/** What a view shows, or a continuous aggregate, has a horizon or costs of its own; of hidden rows a plan of its own tells. */
function mayBeIdle({ kind, rowSecurity }: SourceTable): boolean {
  if (rowSecurity) return false;
  return kind === 'table' || kind === 'hypertable' || kind === 'partitioned table';
}

/** Each chunk that a look touches is locked, and the source's locks are few (max_locks_per_transaction). */
const MOST_CHUNKS = 64;

/** A look takes an index, and few chunks; integers are watched for a while. */
function isQuick({ indexedColumns, hypertable }: SourceTable, { cursor }: TableChoice): boolean {
  if (!hasClock(cursor.kind) || (hypertable?.chunks ?? 0) > MOST_CHUNKS) return false;
  return indexedColumns.includes(cursor.column) || hypertable?.timeColumn === cursor.column;
}

interface Completing {
  sync: string;
  settleDelayMs: number;
  candidates: Candidate[];
}

async function complete(
  dependencies: Dependencies,
  reader: PoolClient,
  writer: PoolClient,
  { sync, settleDelayMs, candidates }: Completing,
): Promise<IdleTable[]> {
  // Before the look, as in a plan: a row that is not seen by it lies beyond.
  const horizons = new Map<string, ChosenHorizon>();
  const looked: { candidate: Candidate; chosen: ChosenHorizon; request: LookRequest; horizon: bigint }[] = [];
  for (const candidate of candidates) {
    const { spec, config, choice, checkpoint } = candidate;
    const { column, kind } = spec.cursor;
    const cursor = { table: spec.source, column, kind, notNull: choice.cursor.notNull };
    const same = `${kind} ${config.timeZone ?? ''}`;
    const chosen =
      horizons.get(same) ??
      (await chooseHorizon(reader, cursor, {
        settleDelayMs,
        timeZone: config.timeZone,
        observed: undefined,
        dimension: undefined,
      }));
    horizons.set(same, chosen);
    const planned = parseCursorValue(kind, checkpoint.planned);
    if (chosen.horizon === undefined || chosen.horizon < planned) continue;
    const start = startInTicks(kind, config.start);
    const lookback = lookbackInTicks(kind, config);
    const stretch = stretchToRead({ planned, start, lookback, horizon: chosen.horizon });
    looked.push({ candidate, chosen, horizon: chosen.horizon, request: { cursor, stretch, start } });
  }
  const looks = await lookForRows(
    reader,
    looked.map(({ request }) => request),
  );
  const idle = looked.flatMap(({ candidate, chosen, horizon }, index) => {
    const look = looks[index];
    if (look === undefined || look.found) return [];
    const { name, spec, checkpoint } = candidate;
    const { column, kind } = spec.cursor;
    const text = formatCursorValue(kind, horizon);
    const warnings = [...chosen.warnings, ...describeOddRows(look.odd, column)];
    return { epoch: checkpoint.epoch, table: name, horizon: text, odd: look.odd, warnings };
  });
  const moved = await moveIdle(writer, sync, runName(), idle);
  for (const { candidate, chosen, horizon } of looked) {
    if (!moved.has(candidate.name)) continue;
    const { kind } = candidate.spec.cursor;
    const labels = { sync, table: candidate.name };
    observeLag(dependencies, labels, chosen, parseCursorValue(kind, candidate.checkpoint.planned));
    const { sourceClock } = chosen;
    observeCompleted(dependencies, labels, sourceClock && unixSeconds(sourceClock, horizon));
  }
  if (moved.size > 0) log.info('tables with nothing new completed', { tables: moved.size });
  return idle.flatMap(({ table, horizon, odd, warnings }) =>
    moved.has(table) ? [{ table, watermark: horizon, odd, warnings }] : [],
  );
}
