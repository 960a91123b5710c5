import type { PoolClient } from 'pg';
import { describeTransaction } from '../activities/describe-transaction';
import type { Config } from '../config/config';
import { parseCursorValue } from '../plan/cursor-value';
import type { TableSpec } from '../plan/table-spec';
import { describeError } from '../postgres/describe-error';
import { readChunks } from '../source/read-chunks';
import { readHorizon } from '../source/read-horizon';
import { readSpan } from '../source/read-span';
import type { DestinationLook, SourceLook, SourceTableLook } from '../ui/looks';
import { readLag } from './source-lag';
import { withSession } from './with-session';

/** Chunks and a table's oldest row seldom change: they are not read again sooner. */
const EXTENT_MS = 60_000;
type Extent = Pick<SourceTableLook, 'chunks' | 'span'>;

/** Looks for lags, chunks and what holds the horizon back, in one session that only reads. */
export function sourceLooker(config: Config): (known: DestinationLook) => Promise<SourceLook> {
  const extents = new Map<string, { at: number; extent: Extent }>();
  const extentOf = async (client: PoolClient, table: string, spec: TableSpec): Promise<Extent> => {
    const before = extents.get(table);
    if (before && Date.now() - before.at < EXTENT_MS) return before.extent;
    const extent = await readExtent(client, spec);
    extents.set(table, { at: Date.now(), extent });
    return extent;
  };
  return ({ checkpoints }) =>
    withSession(config, 'source', async (client) => {
      const horizon = await describeHorizon(client, config.settleDelayMs);
      const tables = new Map<string, SourceTableLook>();
      for (const [table, { checkpoint }] of checkpoints) {
        const { spec, watermark } = checkpoint;
        if (!spec) continue;
        const cursor = { table: spec.source, ...spec.cursor };
        try {
          const extent = await extentOf(client, table, spec);
          tables.set(table, {
            ...extent,
            lag: watermark === null ? null : await readLag(client, cursor, watermark),
          });
        } catch (error) {
          // One table that is gone or closed to us must not hide the others.
          const { code, message } = describeError(error);
          if (code === undefined) throw error;
          tables.set(table, { lag: { unknown: message }, span: null, chunks: null });
        }
      }
      return { horizon, tables };
    });
}

async function readExtent(client: PoolClient, { source, cursor, chunks, start }: TableSpec): Promise<Extent> {
  if (chunks?.alongCursor) return { chunks: await readChunks(client, chunks, cursor.kind), span: null };
  const from = parseCursorValue(cursor.kind, start);
  return { chunks: null, span: (await readSpan(client, { table: source, ...cursor }, from)) ?? null };
}

async function describeHorizon(client: PoolClient, settleDelayMs: number): Promise<string | null> {
  const { heldBackBy, unknown } = await readHorizon(client, { kind: 'timestamptz', settleDelayMs });
  if (heldBackBy) return `The horizon is held back by ${describeTransaction(heldBackBy)}.`;
  return unknown === undefined ? null : `The horizon rests on the settle delay alone: ${unknown}.`;
}
