import { compressChunks } from '../destination/compress-chunks';
import { readSpec } from '../destination/read-spec';
import { parseCursorValue, ticksToMicroseconds } from '../plan/cursor-value';
import type { CompressInput } from '../plan/wire';
import { chunksToCompress } from './chunks-to-compress';
import { type Dependencies, resourcesOf } from './dependencies';
import { createPulse } from './pulse';
import { withBothEnds } from './with-both-ends';

const MOST = 2n ** 63n - 1n;

/**
 * Compresses the chunks that lie within an interval which has been copied, as far as they are compressed at the
 * source; those that reach beyond it are left to the table's completion. May be repeated.
 */
export async function compressInterval(dependencies: Dependencies, input: CompressInput): Promise<void> {
  const { sync, table, epoch, interval } = input;
  const pulse = createPulse();
  await withBothEnds(resourcesOf(dependencies, sync), async (reader, writer) => {
    const spec = await readSpec(writer, { sync, table, epoch });
    const { kind } = spec.cursor;
    const inUnits = (bound: string): bigint => {
      const value = ticksToMicroseconds(kind, parseCursorValue(kind, bound));
      return value > MOST ? MOST : value;
    };
    const within = { lower: inUnits(interval.lower), upper: inUnits(interval.upper) };
    await pulse.while(
      (async () => compressChunks(writer, spec.destination, await chunksToCompress(reader, spec), within))(),
    );
  });
}
