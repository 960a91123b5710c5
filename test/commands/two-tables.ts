import type { SyncHarness, TestSync } from '../support/sync-harness';
import { temporalAddress } from '../support/temporal';

/* Two tables of some batches each, for runs that are steered in their middle. */

export const READINGS = 'public.readings';
export const DEVICES = 'public.devices';

export async function createTwoTables({ source }: SyncHarness): Promise<void> {
  await source.query(`
    CREATE TABLE readings (at timestamptz NOT NULL, value int);
    INSERT INTO readings SELECT timestamptz '2026-01-01' + n * interval '1 minute', n FROM generate_series(1, 1000) n;
    CREATE TABLE devices (id int PRIMARY KEY, at timestamptz NOT NULL);
    INSERT INTO devices SELECT n, timestamptz '2026-01-01' + n * interval '1 minute' FROM generate_series(1, 400) n;
    ANALYZE`);
}

/** Appends, so that a row that is copied twice is there twice. */
export function configureTwoTables(harness: SyncHarness): Promise<TestSync> {
  return harness.configure({
    temporal: { address: temporalAddress(), taskQueue: harness.taskQueue },
    tables: [
      { name: 'readings', cursor: 'at', mode: 'append', batch: { rows: 50 } },
      { name: 'devices', cursor: 'at', batch: { rows: 50 } },
    ],
  });
}
