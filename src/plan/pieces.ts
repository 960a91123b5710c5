import type { Interval } from './intervals';

/** Where a batch ends, and whether that was chosen by width, without looking at rows. */
export interface Piece {
  end: bigint;
  whole: boolean;
}

/** The end of an interval's next piece of this width; less than half a piece is not left over. */
export function pieceEnd({ lower, upper }: Interval, width: bigint): bigint {
  const step = width > 0n ? width : 1n;
  return lower + step + step / 2n >= upper ? upper : lower + step;
}

/** A piece may grow this much over the one before it. */
const MOST_GROWTH = 4n;

/** How wide the next piece should be, from how many rows the last one held. */
export function nextWidth(last: Interval, held: number, wanted: number): bigint {
  const width = last.upper - last.lower;
  const fitting = held === 0 ? width * MOST_GROWTH : (width * BigInt(wanted)) / BigInt(held);
  const most = width * MOST_GROWTH;
  return fitting > most ? most : fitting < 1n ? 1n : fitting;
}
