import { comparisonWorkflowId } from '../../src/plan/workflow-ids';
import { uniqueName } from '../support/temporal';
import { hypertable, onTimescale } from './support';

/* A pace, where chunks are compressed. */
onTimescale((scene) => {
  it('compressed chunks are compared in pieces of about a second, and copied again so', async () => {
    const rows = 4_000;
    await scene.run(
      ...hypertable(
        'paced',
        `SELECT '2026-01-01'::timestamptz + (n / 4) * interval '2 minutes', n % 4, n FROM generate_series(0, ${rows - 1}) n`,
      ),
    );
    const name = uniqueName('paced');
    const table = { name: 'paced', deletes: 'mirror' };
    await (await scene.configure(table, { name })).copy();
    await scene.run(`UPDATE paced SET value = -1 WHERE sensor = 2 AND time = '2026-01-01 12:00'`);
    const source = { url: scene.harness.source.url, maxConnections: 1, maxRowsPerSecond: 1_000 };
    const sync = await scene.configure(table, { name, source });
    const compared = await sync.reconcile({ depth: 'full' });
    expect(compared).toMatchObject({
      sourceRows: rows,
      different: 1,
      compared: compared.stretches,
      repaired: true,
    });
    await scene.harness.expectEqual('paced');
    const id = `${comparisonWorkflowId(name, 'reconcile')}/public.paced`;
    const { events } = await scene.harness.client.workflow.getHandle(id).fetchHistory();
    const pieces = events?.filter(
      (event) => event.activityTaskScheduledEventAttributes?.activityType?.name === 'comparePortion',
    );
    // Two of each of the two chunks' days, or more; and what was repaired.
    expect(pieces?.length).toBeGreaterThanOrEqual(4);
    expect(pieces?.length).toBeLessThanOrEqual(9);
  });
});
