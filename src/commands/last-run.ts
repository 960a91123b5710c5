import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Config } from '../config/config';
import type { SyncSummary } from '../plan/wire';
import type { RunOutcome } from '../temporal/run-outcome';
import { embeddedFolder } from './open-temporal';

const lastRunSchema = z.object({
  endedAt: z.string(),
  /** Why it did not complete; null where it did. */
  error: z.string().nullable(),
  cancelled: z.boolean().default(false),
  /** By table. */
  errors: z.record(z.string(), z.string()),
});

/** How the last run on an embedded server ended: kept in a file, so that `status` need not start the server to know. */
export type LastRun = z.infer<typeof lastRunSchema>;

function fileOf(config: Config): string {
  return join(embeddedFolder(config), `${config.name}.last-run.json`);
}

export async function keepLastRun(
  config: Config,
  { summary, failure }: RunOutcome<SyncSummary>,
): Promise<void> {
  const errors = Object.fromEntries(
    (summary?.tables ?? []).flatMap(({ table, error }) => (error ? [[table, error.message]] : [])),
  );
  const last: LastRun = {
    endedAt: new Date().toISOString(),
    error: failure?.message ?? null,
    cancelled: failure?.type === 'Cancelled',
    errors,
  };
  await writeFile(fileOf(config), JSON.stringify(last));
}

/** Undefined where none has ended here, or the file is broken. */
export async function readLastRun(config: Config): Promise<LastRun | undefined> {
  try {
    return lastRunSchema.parse(JSON.parse(await readFile(fileOf(config), 'utf8')));
  } catch {
    return undefined;
  }
}
