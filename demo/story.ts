import type { Client as TemporalClient } from '@temporalio/client';
import type { Client } from 'pg';
import type { TableProgress } from '../src/plan/wire';
import { connectClient } from '../src/temporal/connect';
import { batchPolicy } from '../src/workflows/policies';
import { changeBehind, type Hidden, runReconcile } from './behind';
import { readCommitted } from './committed';
import { compare, type Compared, SENSOR_DATA, SENSOR_EMBEDDINGS } from './compare';
import { type Environment, startEnvironment, type Worker } from './environment';
import { type Look, type Run, roundSeconds, runSync } from './follow';
import { countRewritten, type Death, isInTheMiddle, killWorker } from './kill';
import type { Outcome, Reconciled, Recovery, TableOutcome } from './outcome';
import { count } from './progress';
import type { Report } from './report';
import { withSession } from './session';
import { changeSource, fillSource, type SourceFacts } from './source-data';

const TABLES: Compared[] = [SENSOR_DATA, SENSOR_EMBEDDINGS];

interface Scene {
  report: Report;
  environment: Environment;
  onKill: () => void;
  temporal: TemporalClient;
  /** A session at the destination that looks on. */
  watcher: Client;
  /** The worker of the moment. */
  worker: Worker;
}

/**
 * The whole demo: starts what it needs, syncs with a crash in the middle, changes the source, syncs again, changes what
 * lies far behind the watermark, reconciles, and compares both ends.
 */
export async function tellStory(
  report: Report,
  { keep, onKill }: { keep: boolean; onKill: () => void },
): Promise<Outcome> {
  report.title('Setting up');
  const environment = await startEnvironment({ ui: keep, log: (line) => report.note(line) });
  const { config, temporal: temporalConfig, uiAddress } = environment;
  report.done('TimescaleDB (the source), PostgreSQL (the destination) and a durable Temporal server are up');
  const facts = await fillSource(config.source);
  report.done(
    `sensor_data: ${count(facts.sensorData)} rows, ${facts.compressed} of its ${facts.chunks} chunks compressed`,
  );
  report.note(`sensor_embeddings: ${count(facts.sensorEmbeddings)} vectors`);

  // Never closed: this process ends, and a call that waits to be repeated would throw where nobody can catch it.
  const { client: temporal } = await connectClient(temporalConfig);
  return withSession(config.destination, async (watcher) => {
    const scene: Scene = {
      report,
      environment,
      onKill,
      temporal,
      watcher,
      worker: await environment.startWorker(),
    };
    const { first, recovery } = await firstSync(scene, facts);
    const second = await secondSync(scene, first);
    const reconciled = await reconcile(scene);
    if (!keep) await scene.worker.stop();
    const tables = await compareEnds(scene, [first, second]);
    const resumed =
      recovery.rowsWrittenAgain === 0 &&
      recovery.batchesRepeated <= 1 &&
      recovery.rowsCopied === facts.sensorData;
    const ok = resumed && reconciled.found && tables.every(({ equal }) => equal);
    report.verdict(
      ok,
      ok
        ? 'Both ends are equal.'
        : !resumed
          ? 'Committed rows were copied again.'
          : 'The ends differ, or reconcile did not find all that was changed.',
    );
    if (uiAddress !== undefined) report.write(`Temporal's web page: ${uiAddress}`);
    return {
      ok,
      killed: 1,
      tables,
      recovery,
      reconciled,
      ...(uiAddress !== undefined && { temporal: uiAddress }),
    };
  });
}

/** The first sync, whose worker is killed in the middle; another takes over. */
async function firstSync(scene: Scene, facts: SourceFacts): Promise<{ first: Run; recovery: Recovery }> {
  const { report, environment, watcher } = scene;
  report.title('First sync');
  const progress = report.progress({
    [SENSOR_DATA.name]: facts.sensorData,
    [SENSOR_EMBEDDINGS.name]: facts.sensorEmbeddings,
  });
  let death: Death | undefined;
  let recoveredAfter: number | undefined;
  const look = async (committed: Map<string, number>): Promise<void> => {
    progress.show(committed);
    const rows = committed.get(SENSOR_DATA.name) ?? 0;
    if (death === undefined) {
      if (!(await isInTheMiddle(watcher, rows / facts.sensorData))) return;
      death = await killWorker(watcher, scene.worker);
      scene.onKill();
      scene.worker = await environment.startWorker();
      report.wrong(
        `Worker killed (SIGKILL) in the middle of a batch; ${count(death.rows)} rows in ${death.batches} batches are committed`,
      );
      report.note(
        `Another one is up. Temporal hands it the batch when no heartbeat came for ${batchPolicy.heartbeatTimeout}`,
      );
    } else if (rows > death.rows) {
      recoveredAfter ??= roundSeconds((performance.now() - death.at) / 1000);
    }
  };
  const first = await run(scene, look).finally(() => progress.stop());
  if (death === undefined) throw new Error('The sync ended before its worker could be killed in the middle.');
  const recovery = {
    batchesCommitted: death.batches,
    rowsCommitted: death.rows,
    rowsWrittenAgain: await countRewritten(watcher, death),
    batchesRepeated: tableOf(first, SENSOR_DATA).repeated,
    rowsCopied: (await readCommitted(watcher)).get(SENSOR_DATA.name) ?? 0,
    seconds: recoveredAfter ?? 0,
  };
  report.done(
    `Resumed ${recovery.seconds.toFixed(1)} s after the kill; committed rows written again: ${count(recovery.rowsWrittenAgain)}`,
  );
  return { first, recovery };
}

/** Changes the source, and syncs again. */
async function secondSync(scene: Scene, first: Run): Promise<Run> {
  const { report, environment } = scene;
  report.title('Second sync');
  const { added, late, changed } = await changeSource(environment.config.source, {
    sensorData: watermarkOf(first, SENSOR_DATA),
    sensorEmbeddings: watermarkOf(first, SENSOR_EMBEDDINGS),
  });
  report.done(
    `At the source ${count(added)} rows added, ${count(late)} late ones (within the lookback), ${count(changed)} changed`,
  );
  const second = await run(scene, () => undefined);
  const rows = second.summary.tables.reduce((sum, table) => sum + table.rows, 0);
  report.done(`Copied what is new, and the lookback's 10 minutes below: ${count(rows)} rows`);
  return second;
}

/** Changes rows far behind the watermark, and has them found. */
async function reconcile({ report, environment, temporal }: Scene): Promise<Reconciled> {
  report.title('Reconcile');
  const { source } = environment.config;
  const hidden: Hidden = await changeBehind(source);
  report.done(
    `Two days behind the watermark, in compressed chunks: ${count(hidden.late)} rows come late, ${count(hidden.changed)} changed, ${count(hidden.deleted)} deleted. No sync reads there again`,
  );
  const { tables } = await runReconcile(temporal, environment.config);
  const table = tables.find((one) => one.table === SENSOR_DATA.name);
  if (table === undefined) throw new Error('Reconcile does not tell of sensor_data.');
  const found =
    table.missing === hidden.late && table.different === hidden.changed && table.extra === hidden.deleted;
  const { sourceRows, stretches, skipped, differing, rowsCopied } = table;
  report.done(
    `Found: ${count(table.missing)} missing, ${count(table.different)} different, ${count(table.extra)} extra`,
  );
  report.note(
    `Read to find them: count and hash of ${count(sourceRows)} rows in ${stretches - skipped} of ${stretches} chunks, in SQL on each side`,
  );
  report.note(
    'The embedded TimescaleDB keeps no statistics; on a server, chunks without a hint of a change are left out',
  );
  report.note(`Copied again: ${count(rowsCopied)} rows in ${differing} small intervals`);
  return { ...hidden, found, rowsCompared: sourceRows, rowsCopied };
}

/** Compares both ends, row by row as multisets, and tells what came of it. */
async function compareEnds({ report, environment }: Scene, runs: Run[]): Promise<TableOutcome[]> {
  const { source, destination } = environment.config;
  report.title('Comparison, as multisets of rows, every value as text');
  const tables: TableOutcome[] = [];
  for (const compared of TABLES) {
    const parts = runs.map((run) => tableOf(run, compared));
    tables.push({
      name: compared.name.replace('public.', ''),
      ...(await compare(source, destination, compared)),
      batches: parts.reduce((sum, { batches }) => sum + batches, 0),
      batchesRepeated: parts.reduce((sum, { repeated }) => sum + repeated, 0),
      seconds: roundSeconds(runs.reduce((sum, { seconds }) => sum + (seconds.get(compared.name) ?? 0), 0)),
    });
  }
  report.outcome(tables);
  return tables;
}

function run(scene: Scene, look: Look): Promise<Run> {
  const { temporal, watcher, environment } = scene;
  return runSync({ temporal, watcher, config: environment.config, worker: () => scene.worker, look });
}

function tableOf({ summary }: Run, { name }: Compared): TableProgress {
  const table = summary.tables.find((candidate) => candidate.table === name);
  if (table === undefined) throw new Error(`The sync's summary does not tell of ${name}.`);
  return table;
}

function watermarkOf(run: Run, compared: Compared): string {
  const { watermark } = tableOf(run, compared);
  if (watermark === null) throw new Error(`${compared.name} has no watermark after the sync.`);
  return watermark;
}
