import type { Client as TemporalClient } from '@temporalio/client';
import type { Config } from '../src/config/config';
import type { Endpoint } from '../src/postgres/endpoint';
import type { ReconcileSummary } from '../src/plan/reconcile-wire';
import { comparisonWorkflowId } from '../src/plan/workflow-ids';
import { startComparison } from '../src/temporal/start-comparison';
import { taskQueueOf } from '../src/temporal/task-queue';
import { withSession } from './session';

export interface Hidden {
  late: number;
  changed: number;
  deleted: number;
}

/* Two days behind the watermark, in compressed chunks, where no lookback reaches; none moves a cursor value. */
const STATEMENTS = [
  [
    'late',
    `INSERT INTO public.sensor_data
     SELECT now() - interval '2 days' + i * interval '17.000001 seconds', 500 + i % 3, 40, 950, 'two days late'
     FROM generate_series(1, 250) AS i`,
  ],
  [
    'changed',
    `UPDATE public.sensor_data SET note = 'corrected'
     WHERE sensor_id = 42 AND time >= now() - interval '50 hours' AND time < now() - interval '49 hours'`,
  ],
  [
    'deleted',
    `DELETE FROM public.sensor_data
     WHERE sensor_id = 7 AND time >= now() - interval '46 hours' AND time < now() - interval '44 hours'`,
  ],
] as const;

/** Changes rows at the source that no sync would read again. */
export function changeBehind(source: Endpoint): Promise<Hidden> {
  return withSession(source, async (client) => {
    const hidden: Hidden = { late: 0, changed: 0, deleted: 0 };
    for (const [what, statement] of STATEMENTS) hidden[what] = (await client.query(statement)).rowCount ?? 0;
    return hidden;
  });
}

/** Runs `reconcile` to its end. */
export async function runReconcile(temporal: TemporalClient, config: Config): Promise<ReconcileSummary> {
  const workflowId = comparisonWorkflowId(config.name, 'reconcile');
  const handle = await startComparison(temporal, workflowId, { sync: config.name }, taskQueueOf(config));
  return handle.result();
}
