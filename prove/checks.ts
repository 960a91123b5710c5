import type { Client, WorkflowHandle } from '@temporalio/client';
import { compareMultisets } from '../test/support/multiset';
import { CANARY, type Table, wanted } from './tables';
import type { Scene } from './scene';

/** That source and destination hold the same rows, as multisets of values' text. Returns what differs. */
export async function checkRows(scene: Scene, tables: Table[]): Promise<{ faults: string[]; rows: number }> {
  const [left, right] = await Promise.all([scene.connect('source'), scene.connect('destination')]);
  const faults: string[] = [];
  let rows = 0;
  try {
    for (const table of tables) {
      const { name } = table;
      const { rows: columns } = await left.query<{ name: string }>(
        `SELECT quote_ident(attname) AS name FROM pg_attribute
         WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attname`,
        [name],
      );
      const list = columns.map((column) => column.name).join(', ');
      const { equal, leftRows, text } = await compareMultisets(
        { client: left, sql: wanted(table, list) },
        { client: right, sql: `SELECT ${list} FROM ${name}` },
      );
      rows += leftRows;
      if (!equal) faults.push(`${name}: ${text}`);
    }
  } finally {
    await Promise.all([left.end(), right.end()]);
  }
  return { faults, rows };
}

/**
 * What the triggers at the destination saw: each batch's rows and its position in one transaction, each stretch of an
 * interval passed once by a plan, positions and watermarks that only move forward, rows on append written once each.
 */
export async function checkAudit(scene: Scene, dropped: ReadonlySet<string>): Promise<string[]> {
  const faults: string[] = [];
  const none = async (what: string, sql: string): Promise<void> => {
    const found = await scene.query('destination', `${sql} LIMIT 3`);
    if (found.length > 0) faults.push(`${what}: ${JSON.stringify(found)}`);
  };
  for (const { name, kind, mode } of scene.tables) {
    const type = kind === 'bigint' ? 'bigint' : kind;
    const moves = `(SELECT n, epoch, interval, old::${type}, new::${type}, rows, tx FROM audit.moves WHERE "table" = '${name}') m`;
    await none(
      `${name}: rows were written without a position`,
      `SELECT tx, sum(rows) FROM audit.writes WHERE "table" = '${name}'
         AND tx NOT IN (SELECT tx FROM audit.moves WHERE "table" = '${name}') GROUP BY tx`,
    );
    await none(
      `${name}: a transaction moved several positions`,
      `SELECT tx FROM ${moves} GROUP BY tx HAVING count(*) > 1`,
    );
    await none(`${name}: a position went back`, `SELECT old, new FROM ${moves} WHERE new <= old`);
    await none(
      `${name}: a batch was applied twice`,
      `SELECT old, previous FROM (SELECT old, lag(new) OVER (PARTITION BY epoch, interval ORDER BY n) previous FROM ${moves}) p
       WHERE old <> previous`,
    );
    await none(
      `${name}: its watermark went back`,
      `SELECT old, new FROM audit.watermarks WHERE "table" = '${name}' AND new::${type} < old::${type}`,
    );
    if (mode === 'append')
      await none(
        `${name}: rows on append were written twice`,
        `SELECT sum(rows) FROM audit.writes WHERE "table" = '${name}'
         HAVING sum(rows) <> (SELECT count(*) FROM ${name})`,
      );
  }
  const gone = [...dropped].map((name) => `'${name}'`).join(', ') || `''`;
  await none(
    'an interval was left',
    `SELECT "table", id FROM tidemark.intervals WHERE "table" NOT IN (${gone})`,
  );
  return faults;
}

export interface Histories {
  faults: string[];
  /** How many failures were looked at. */
  failures: number;
}

/** Failures of Temporal's own, which tell of a worker's end, and of ours that only hand another's on. */
const NO_CAUSE =
  /^(activity (\w+ )+timed out|activity \w+ timeout|Activity task (timed out|failed)|Child Workflow execution failed|.*cancel)/i;

/**
 * Reads every history. That no text in them, in logs or errors shows a row's value or a password; that every failure says
 * what is wrong and what to do; that runs which were taken over wrote no more.
 */
export async function checkHistories(scene: Scene, clients: Client[], shown: string[]): Promise<Histories> {
  const secrets = [CANARY, scene.arena.servers.source.password, scene.arena.servers.destination.password];
  const faults: string[] = [];
  const failures = new Set(shown);
  const histories: Events[] = [];
  const look = (where: string, text: string): void => {
    for (const secret of secrets)
      if (text.includes(secret))
        faults.push(`${secret === CANARY ? 'a row' : 'a password'} is shown in ${where}`);
  };
  look('the log', scene.logs());
  for (const text of shown) look('an error', text);
  for (const client of clients) {
    for await (const { workflowId, runId } of client.workflow.list({
      query: `TaskQueue = '${scene.name}'`,
    })) {
      const events = (await client.workflow.getHandle(workflowId, runId).fetchHistory()).events ?? [];
      histories.push(events);
      const seen: string[] = [];
      collect(events, seen, failures);
      look(`the history of ${workflowId}`, seen.join('\n'));
    }
  }
  const told = [...failures].filter((message) => message !== '' && !NO_CAUSE.test(message));
  // A sentence for the cause, and one for the remedy.
  for (const message of told)
    if (!/[.:;] \S.*\.$/s.test(message)) faults.push(`this failure has no remedy: ${message}`);
  return { faults: [...faults, ...checkEpochs(histories)], failures: told.length };
}

/**
 * That no batch of an older epoch was applied once a newer plan was stored: by the times in the histories of all runs,
 * of which any may be the one that was taken over.
 */
function checkEpochs(histories: readonly Events[]): string[] {
  const plans: { table: string; epoch: number; at: number }[] = [];
  const batches: { table: string; epoch: number; at: number }[] = [];
  for (const events of histories) {
    const scheduled = new Map<number, { type: string; input: { table?: string; epoch?: number } }>();
    const started = new Map<number, number>();
    for (const event of events) {
      const at = Number(event.eventTime?.seconds) * 1000 + Number(event.eventTime?.nanos) / 1e6;
      const { activityTaskScheduledEventAttributes: order, activityTaskStartedEventAttributes: start } =
        event;
      const done = event.activityTaskCompletedEventAttributes;
      if (order)
        scheduled.set(Number(event.eventId), {
          type: order.activityType?.name ?? '',
          input: decode(order.input),
        });
      if (start) started.set(Number(start.scheduledEventId), at);
      const call = done && scheduled.get(Number(done.scheduledEventId));
      if (!call) continue;
      const { table = '', epoch = 0 } = call.input;
      const result = decode<{ epoch?: number; alreadyApplied?: boolean }>(done.result);
      if (call.type === 'planTable' && result.epoch !== undefined)
        plans.push({ table, epoch: result.epoch, at });
      if (call.type === 'copyBatch' && result.alreadyApplied === false)
        batches.push({ table, epoch, at: started.get(Number(done.scheduledEventId)) ?? 0 });
    }
  }
  return batches
    .filter((batch) =>
      plans.some(({ table, epoch, at }) => table === batch.table && epoch > batch.epoch && at < batch.at),
    )
    .map(
      ({ table, epoch }) => `${table}: a batch of epoch ${epoch} was applied after a newer run had planned`,
    );
}

type Events = NonNullable<Awaited<ReturnType<WorkflowHandle['fetchHistory']>>['events']>;

function decode<T extends object>(
  payloads: { payloads?: { data?: Uint8Array | null }[] | null } | null | undefined,
): Partial<T> {
  const data = payloads?.payloads?.[0]?.data;
  const value: unknown = data?.length ? JSON.parse(Buffer.from(data).toString('utf8')) : undefined;
  return typeof value === 'object' && value !== null ? value : {};
}

/** Every text in a history, those in payloads too, and the messages of failures. */
function collect(value: unknown, texts: string[], failures: Set<string>): void {
  if (typeof value === 'string') texts.push(value);
  else if (value instanceof Uint8Array) texts.push(Buffer.from(value).toString('utf8'));
  else if (typeof value === 'object' && value !== null) {
    const { message, source } = value as { message?: unknown; source?: unknown };
    if (typeof message === 'string' && typeof source === 'string') failures.add(message);
    for (const part of Object.values(value)) collect(part, texts, failures);
  }
}
