import type { Client, WorkflowExecutionInfo } from '@temporalio/client';
import type { Config, TemporalConfig } from '../config/config';
import { findRunningTemporal } from '../embedded/temporal';
import type { Comparison } from '../plan/reconcile-wire';
import { childId } from '../plan/workflow-ids';
import { asUnreachable } from '../temporal/as-unreachable';
import { connectClient } from '../temporal/connect';
import { listRuns } from '../temporal/list-runs';
import { unlessRefused } from '../temporal/payload-refused';
import { readComparison } from '../temporal/read-comparison';
import { readProgress, type TableView } from '../temporal/read-progress';
import { outcomeOfFailure, type RunOutcome } from '../temporal/run-outcome';
import { hasWorker, taskQueueOf } from '../temporal/task-queue';
import { temporalOf } from '../temporal/temporal-of';
import type { TemporalLook } from '../ui/looks';
import type { RunSnapshot } from '../ui/snapshot';
import { embeddedFolder } from './open-temporal';
import { describeRunning, readRunStatus } from './run-state';
import { formatSince } from './run-under-way';

const MOST_RUNS = 10;

/** What a run's summary says of its tables, that of a sync or of a comparison. */
interface Summary {
  tables: (Pick<TableView, 'table' | 'error' | 'comparison'> & Partial<Comparison>)[];
}

interface Connection {
  temporal: TemporalConfig;
  client: Client;
  close: () => Promise<void>;
}

/**
 * Looks at a sync's runs, and asks those under way how far they are. Starts nothing: an embedded server that is down
 * stays so. Throws TemporalUnreachable.
 */
export class TemporalLooker {
  private connection: Connection | undefined;
  /** How the runs that are shown ended, by run ID: that does not change. */
  private readonly outcomes = new Map<string, RunOutcome<Summary>>();

  /** `webUrl`: where Temporal's own page is, if that is known. */
  constructor(
    private readonly config: Config,
    private readonly webUrl: string | undefined,
  ) {}

  async look(): Promise<TemporalLook> {
    const running = this.config.temporal ? undefined : await findRunningTemporal(embeddedFolder(this.config));
    if (!this.config.temporal && !running) return this.whileDown();
    const temporal = temporalOf(this.config, running?.address);
    try {
      const { client } = await this.connect(temporal);
      return await this.lookBy(client, temporal, this.webUrl ?? running?.uiAddress ?? cloudPage(temporal));
    } catch (error) {
      await this.close();
      throw asUnreachable(temporal.address, error);
    }
  }

  async close(): Promise<void> {
    const { connection } = this;
    this.connection = undefined;
    await connection?.close();
  }

  private async connect(temporal: TemporalConfig): Promise<Connection> {
    if (this.connection?.temporal.address !== temporal.address) await this.close();
    return (this.connection ??= { temporal, ...(await connectClient(temporal)) });
  }

  private async whileDown(): Promise<TemporalLook> {
    await this.close();
    const { text, tables } = await readRunStatus(this.config);
    const trouble = new Map(Object.entries(tables));
    return { text, runs: [], views: new Map(), trouble, differing: new Map() };
  }

  private async lookBy(
    client: Client,
    { namespace }: TemporalConfig,
    web: string | undefined,
  ): Promise<TemporalLook> {
    const found = await listRuns(client, this.config.name, MOST_RUNS);
    const served = await hasWorker({ client, namespace, taskQueue: taskQueueOf(this.config) });
    const page = (workflowId: string, runId?: string): string | null =>
      web === undefined
        ? null
        : `${web.replace(/\/$/, '')}/namespaces/${encodeURIComponent(namespace)}/workflows/${encodeURIComponent(workflowId)}${runId === undefined ? '' : `/${runId}/history`}`;
    const views: TemporalLook['views'] = new Map();
    const trouble = new Map<string, string>();
    const differing: TemporalLook['differing'] = new Map();
    const runs: RunSnapshot[] = [];
    const sentences: string[] = [];
    for (const run of found) {
      const status = run.status.name.toLowerCase();
      const { workflowId, runId } = run;
      const kind = run.type === 'reconcile' ? 'reconcile' : 'sync';
      const tables: Record<string, string> = {};
      let error: string | null = null;
      let paused = false;
      if (status === 'running') {
        const read = kind === 'sync' ? readProgress : readComparison;
        // One that does not answer at this moment is asked again soon.
        const view = served ? await read(client, workflowId).catch(unlessRefused) : undefined;
        paused = view?.state === 'paused';
        sentences.push(
          describeRunning(kind === 'sync' ? 'running' : 'comparing', run.startTime, view, served),
        );
        for (const table of view?.tables ?? []) {
          if (!views.has(table.table))
            views.set(table.table, { ...table, link: page(childId(workflowId, table.table)) });
          note(differing, table.table, table.comparison);
          if (table.error) tables[table.table] = table.error.message;
        }
      } else {
        const { summary, failure } = await this.outcomeOf(client, run);
        error = failure?.message ?? null;
        for (const table of summary?.tables ?? []) {
          if (table.error) tables[table.table] = table.error.message;
          // Of each table, what its newest run came to.
          if (!trouble.has(table.table))
            trouble.set(table.table, table.error ? `failed: ${table.error.message}` : '');
          note(differing, table.table, kind === 'sync' ? table.comparison : table);
        }
      }
      const endedAt = run.closeTime?.toISOString() ?? null;
      const startedAt = run.startTime.toISOString();
      runs.push({
        workflowId,
        runId,
        kind,
        status,
        paused,
        startedAt,
        endedAt,
        error,
        tables,
        link: page(workflowId, runId),
      });
    }
    for (const runId of this.outcomes.keys())
      if (!found.some((run) => run.runId === runId)) this.outcomes.delete(runId);
    for (const [table, text] of trouble) if (text === '') trouble.delete(table);
    const [last] = runs;
    const idle = last
      ? `nothing runs; the last run, of ${formatSince(new Date(last.startedAt))}, ${describeEnd(last.status)}`
      : 'it never ran here';
    return { text: sentences.join('; ') || idle, runs, views, trouble, differing };
  }

  private async outcomeOf(
    client: Client,
    { workflowId, runId }: WorkflowExecutionInfo,
  ): Promise<RunOutcome<Summary>> {
    const known = this.outcomes.get(runId);
    if (known) return known;
    const handle = client.workflow.getHandle(workflowId, runId, { followRuns: false });
    const outcome = await handle
      .result()
      .then((summary: Summary): RunOutcome<Summary> => ({ summary }), outcomeOfFailure<Summary>);
    this.outcomes.set(runId, outcome);
    return outcome;
  }
}

function describeEnd(status: string): string {
  if (status === 'completed' || status === 'failed') return status;
  return `was ${status === 'canceled' ? 'cancelled' : status.replace('_', ' ')}`;
}

/** Where the newest comparison of a table found it to differ: still, where it has repaired. */
function note(
  differing: TemporalLook['differing'],
  table: string,
  comparison: Partial<Comparison> | undefined,
): void {
  if (!comparison?.differences || differing.has(table)) return;
  differing.set(
    table,
    (comparison.state === 'completed' ? comparison.remaining : undefined) ?? comparison.differences,
  );
}

/** Temporal Cloud's page is known by its address. */
function cloudPage({ address }: TemporalConfig): string | undefined {
  return /\.tmprl\.cloud(:\d+)?$|\.api\.temporal\.io(:\d+)?$/.test(address)
    ? 'https://cloud.temporal.io'
    : undefined;
}
