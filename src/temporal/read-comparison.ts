import type { Client } from '@temporalio/client';
import type { Comparison, ReconcileProgress } from '../plan/reconcile-wire';
import { childId } from '../plan/workflow-ids';
import { inTime, opening, readHeldUp, type RunView, type TableView } from './read-progress';

/** As readProgress, of a `reconcile` run: rows are those compared at the source. */
export async function readComparison(client: Client, workflowId: string): Promise<RunView> {
  const progress = await inTime(client, () =>
    client.workflow.getHandle(workflowId).query<ReconcileProgress>('progress'),
  );
  const views = progress.tables.map(async (table): Promise<TableView> => {
    if (table.state !== 'comparing') return toView(table);
    const id = childId(workflowId, table.table);
    const [own, held] = await Promise.allSettled([
      inTime(client, () => client.workflow.getHandle(id).query<Comparison>('progress')),
      readHeldUp(client, id),
    ]);
    const heldUp = held.status === 'fulfilled' ? held.value : undefined;
    return { ...toView(own.status === 'fulfilled' ? own.value : table), ...(heldUp && { heldUp }) };
  });
  const tables = await Promise.all(views);
  return { state: 'copying', ...opening([progress, ...tables]), tables };
}

function toView(comparison: Comparison): TableView {
  const { table, state, stretches, skipped, compared, sourceRows, watermark, warnings, error, opens } =
    comparison;
  const wanted = stretches - skipped;
  return {
    ...{ table, watermark, warnings, horizon: watermark, rows: sourceRows, intervals: wanted },
    ...{ bytes: 0, batches: 0, repeated: 0, alreadyApplied: 0, fenced: 0, odd: null, estimatedRows: 0 },
    state: state === 'repairing' ? 'copying' : state,
    intervalsDone: compared,
    part: wanted === 0 ? 1 : Math.min(1, compared / wanted),
    ...(opens !== undefined && { opens }),
    comparison,
    ...(error && { error }),
  };
}
