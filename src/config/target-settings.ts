import { z } from 'zod';
import { partitionings } from '../plan/layout';
import { chunkInterval, vectorColumns } from './values';

export const targetDefaults = { compression: 'mirror', policies: 'none' } as const;

function mirroring() {
  return z.enum(['mirror', 'none'], { error: 'there is no such choice|Write mirror or none' });
}

/** What a table that Tidemark makes at the destination is like; keys of a table and of `defaults`. */
export const targetSettings = {
  partitions: z
    .enum(partitionings, { error: 'there is no such choice|Write hypertable, native or none' })
    .describe(
      'What a table that Tidemark makes is parted into: `hypertable`; `native`, range partitions of the cursor column, made as rows need them; `none`. Default: `hypertable` where the source has one and the destination has TimescaleDB, else `none`.',
    ),
  chunkInterval: chunkInterval.describe(
    "Width of a chunk, or of a native partition. A whole number for an integer column. Default: the source's, else 7 days.",
  ),
  compression: mirroring().meta({
    default: targetDefaults.compression,
    description:
      'Of a hypertable: `mirror` takes over the columnstore settings, and compresses, once their interval is copied, the chunks of a first load that are compressed at the source.',
  }),
  policies: mirroring().meta({
    default: targetDefaults.policies,
    description:
      "Of a hypertable: `mirror` takes over the source's compression and retention policies, after the first load.",
  }),
  columns: vectorColumns.meta({
    examples: [{ embedding: { as: 'jsonb' } }, { embedding: { hnsw: 'cosine' } }],
    description:
      'Vector column → how it is kept: `as`: `vector`, `halfvec`, `sparsevec`, `jsonb` or `real[]`, where it should differ; `hnsw`: `cosine`, `l2`, `ip` or `l1` builds an HNSW index for that distance after the first load.',
  }),
};
