import { type ConfiguredTable, configuredTables } from '../activities/configured-tables';
import type { Config } from '../config/config';
import { readAllBaselines } from '../destination/baselines';
import { readAllIntervals } from '../destination/intervals';
import { readCheckpoints } from '../destination/read-checkpoint';
import type { CursorKind } from '../plan/cursor-value';
import type { CheckpointLook, DestinationLook } from '../ui/looks';
import { hasCheckpoints } from './has-checkpoints';
import { withSession } from './with-session';

/** What reconcile has noted of chunks changes once a run: it is not read again sooner. */
const BASELINES_MS = 30_000;

/** Reads all checkpoints of a sync in a few queries, whatever the number of its tables. */
export function destinationLooker(
  config: Config,
  configured: () => Promise<ConfiguredTable[] | undefined>,
): () => Promise<DestinationLook> {
  let baselines: { at: number; of: Awaited<ReturnType<typeof readAllBaselines>> } | undefined;
  return async () => {
    const checkpoints = await withSession(config, 'destination', async (client) => {
      const found = new Map<string, CheckpointLook>();
      if (!(await hasCheckpoints(client))) return found;
      const known = await readCheckpoints(client, config.name);
      const kinds = new Map<string, CursorKind>();
      for (const [table, { spec }] of known) if (spec) kinds.set(table, spec.cursor.kind);
      const intervals = await readAllIntervals(client, config.name, kinds);
      if (!baselines || Date.now() - baselines.at > BASELINES_MS)
        baselines = { at: Date.now(), of: await readAllBaselines(client, config.name, kinds) };
      for (const [table, checkpoint] of known)
        found.set(table, {
          checkpoint,
          intervals: intervals.get(table) ?? [],
          baselines: baselines.of.get(table) ?? [],
        });
      return found;
    });
    return { tables: await namesOf(config, configured, checkpoints), checkpoints };
  };
}

/** Where a pattern cannot be resolved, since the source does not answer, the tables that have a checkpoint must do. */
async function namesOf(
  config: Config,
  configured: () => Promise<ConfiguredTable[] | undefined>,
  checkpoints: Map<string, CheckpointLook>,
): Promise<string[]> {
  const planned = [...checkpoints.values()].flatMap(({ checkpoint: { spec } }) =>
    spec ? [spec.source] : [],
  );
  const tables = (await configured()) ?? configuredTables(config, planned);
  return tables.map(({ name }) => name);
}
