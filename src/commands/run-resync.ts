import { startInTicks } from '../activities/bounds';
import { type ConfiguredTable, configuredTable, qualified } from '../activities/configured-tables';
import type { Config } from '../config/config';
import { loadConfig } from '../config/load';
import { type Checkpoint, readCheckpoint } from '../destination/read-checkpoint';
import { forgetRanges, forgetTable } from '../destination/forget-checkpoint';
import { coveredParts } from '../plan/chunk-stretches';
import { type CursorKind, formatCursorValue, isTime, parseCursorValue } from '../plan/cursor-value';
import type { Interval } from '../plan/intervals';
import { plannedBefore } from '../plan/planned-before';
import { parseTableName } from '../postgres/identifiers';
import { type Bound, emptyRange, parseBound, refuseEmptyRange } from './bound';
import { CommandError } from './command-error';
import { hasCheckpoints } from './has-checkpoints';
import type { ResyncOptions } from './resync';
import { unknownTable } from './unknown-table';
import { withSession } from './with-session';

/** What a resync came to. */
interface Forgotten {
  table: string;
  /** `nothing`: it was never copied, or the range lies beyond what was. */
  forgotten: 'table' | 'range' | 'nothing';
  from?: string;
  to?: string;
  next: string;
}

/** Forgets a table's or a range's checkpoint, so that the next sync copies it again. */
export async function runResync(options: ResyncOptions): Promise<number> {
  const config = await loadConfig(options.config);
  const table =
    configuredTable(config, qualified(parseTableName(options.table))) ?? unknownTable(config, options.table);
  const bounds = { from: parseBound('--from', options.from), to: parseBound('--to', options.to) };
  refuseEmptyRange(bounds.from, bounds.to);
  const result = await withSession(config, 'destination', async (client): Promise<Forgotten> => {
    const key = { sync: config.name, table: table.name };
    const checkpoint = (await hasCheckpoints(client)) ? await readCheckpoint(client, key) : undefined;
    const planned = plannedStretches(table, checkpoint);
    if (!checkpoint || !planned)
      return {
        table: table.name,
        forgotten: 'nothing',
        next: 'it was never copied, and the next sync copies it from its start',
      };
    const { kind, whole, stretches } = planned;
    if (bounds.from === undefined && bounds.to === undefined) {
      await forgetTable(client, key);
      return {
        table: table.name,
        forgotten: 'table',
        next: 'the next sync copies it from its start; a run under way is refused from here on',
      };
    }
    const ranges = coveredParts(intersect(askedRange(kind, bounds, whole), whole), stretches);
    const [first, last] = [ranges[0], ranges.at(-1)];
    if (first === undefined || last === undefined)
      return {
        table: table.name,
        forgotten: 'nothing',
        next: 'nothing of that range was copied so far, and the next sync copies what belongs to it anyway',
      };
    await forgetRanges(client, key, kind, ranges, checkpoint.spec?.mode !== 'upsert');
    return {
      table: table.name,
      forgotten: 'range',
      from: formatCursorValue(kind, first.lower),
      to: formatCursorValue(kind, last.upper),
      next: 'the next sync copies it again, along with what is new; a run under way is refused from here on',
    };
  });
  tell(config, result, options);
  return 0;
}

/** What was planned, and so may have been copied, of the whole from the table's start to where the last run ended. */
function plannedStretches(
  { config }: ConfiguredTable,
  checkpoint: Checkpoint | undefined,
): { kind: CursorKind; whole: Interval; stretches: Interval[] } | undefined {
  if (!checkpoint?.spec || checkpoint.planned === null) return undefined;
  const { kind } = checkpoint.spec.cursor;
  const upper = parseCursorValue(kind, checkpoint.planned);
  const whole = { lower: startInTicks(kind, config.start), upper };
  return { kind, whole, stretches: plannedBefore(checkpoint.spec, upper) };
}

function askedRange(
  kind: CursorKind,
  { from, to }: { from: Bound | undefined; to: Bound | undefined },
  whole: Interval,
): Interval {
  const asked = {
    lower: from ? boundInTicks(kind, '--from', from) : whole.lower,
    upper: to ? boundInTicks(kind, '--to', to) : whole.upper,
  };
  if (from && to && asked.lower >= asked.upper) throw emptyRange();
  return asked;
}

function boundInTicks(kind: CursorKind, option: string, bound: Bound): bigint {
  if ('ticks' in bound !== isTime(kind)) return startInTicks(kind, bound);
  const wanted = isTime(kind) ? 'Write a date or time, such as 2026-03-01.' : 'Write a whole number.';
  throw new CommandError('usage', `${option} does not fit the cursor column, which is ${kind}`, wanted);
}

function intersect(one: Interval, other: Interval): Interval {
  return {
    lower: one.lower > other.lower ? one.lower : other.lower,
    upper: one.upper < other.upper ? one.upper : other.upper,
  };
}

function tell(config: Config, result: Forgotten, { json, config: file }: ResyncOptions): void {
  if (json) {
    process.stdout.write(`${JSON.stringify({ ok: true, sync: config.name, ...result }, null, 2)}\n`);
    return;
  }
  const { table, forgotten, from, to, next } = result;
  const what =
    forgotten === 'table'
      ? `Forgot the checkpoint of ${table}: `
      : forgotten === 'range'
        ? `Forgot [${from ?? ''}, ${to ?? ''}) of ${table}: `
        : `Nothing to forget of ${table}: `;
  process.stdout.write(`${what}${next}.\nRun: tidemark sync -c ${file}\n`);
}
