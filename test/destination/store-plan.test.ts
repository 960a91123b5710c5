import { ensureCheckpointSchema } from '../../src/destination/checkpoint-schema';
import { type NewPlan, PlanOvertaken, storePlan } from '../../src/destination/store-plan';
import type { TableSpec } from '../../src/plan/table-spec';
import { createDatabase, type TestDatabase } from '../support/database';

/* Attempts that were paused, and come back when the table is planned. */

let database: TestDatabase;
beforeAll(async () => (database = await createDatabase()));
afterAll(() => database.drop());

const key = { sync: 'plant', table: 'public.a' };
const spec: TableSpec = {
  source: { schema: 'public', name: 'a' },
  destination: { schema: 'public', name: 'a' },
  columns: [{ name: 'at', sourceType: 'bigint', destinationType: 'bigint' }],
  cursor: { column: 'at', kind: 'bigint' },
  start: '0',
  ...{ key: [], mode: 'append', keyUnique: false, binary: true, wide: false, firstLoad: true },
  ...{ createdHere: true, cursorIndexed: true, retention: 'keep', deletes: 'mirror', deleteLimit: 100 },
};

it('an attempt of a plan that a later one has overtaken stores nothing, whatever epoch it has read', async () => {
  const client = await database.connect();
  await ensureCheckpointSchema(client);
  const store = async (plan: Pick<NewPlan, 'epoch' | 'run' | 'activity' | 'attempt'>): Promise<number> => {
    const interval = { lower: 0n, upper: 9n, position: 0n, rewrite: false };
    const whole = {
      ...plan,
      spec,
      deferKey: false,
      planned: 9n,
      rewriteBelow: undefined,
      source: 'a source',
    };
    try {
      return (await storePlan(client, key, { ...whole, observation: undefined, intervals: () => [interval] }))
        .epoch;
    } finally {
      await client.query('ROLLBACK');
    }
  };
  const first = { run: 'run 1', activity: '5', attempt: 1 };
  const second = { ...first, attempt: 2 };
  expect(await store({ ...second, epoch: 0 })).toBe(1);
  // It was paused before it read the epoch, or after.
  await expect(store({ ...first, epoch: 1 })).rejects.toThrow(PlanOvertaken);
  await expect(store({ ...first, epoch: 0 })).rejects.toThrow(PlanOvertaken);
  const { rows } = await database.query('SELECT epoch, plan_attempt FROM tidemark.tables');
  expect(rows).toEqual([{ epoch: '1', plan_attempt: '2' }]);
  // The same attempt whose answer was lost, a later one, another activity, another run.
  expect(await store({ ...second, epoch: 1 })).toBe(2);
  expect(await store({ ...second, attempt: 3, epoch: 2 })).toBe(3);
  expect(await store({ ...second, activity: '9', attempt: 1, epoch: 3 })).toBe(4);
  expect(await store({ ...second, run: 'run 2', attempt: 1, epoch: 4 })).toBe(5);
  await client.end();
});
