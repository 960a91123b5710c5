import { cancellationSignal } from '@temporalio/activity';
import type { PoolClient } from 'pg';
import { bothEnded } from './both-ended';
import { tile, cutEvenly, type Interval } from '../plan/intervals';
import { compareHashes } from '../plan/compare-hashes';
import { hasOneText } from '../plan/printed-type';
import { mayMove, type TableSpec } from '../plan/table-spec';
import { type ComparedRows, type Digest, readDigests, readHashes } from '../postgres/row-digest';
import { findRows } from '../source/find-rows';

export interface BothEnds {
  reader: PoolClient;
  writer: PoolClient;
  spec: TableSpec;
  source: (range: Interval) => ComparedRows;
  destination: ComparedRows;
  /** Rows at the destination alone stay there, and are no difference. */
  keepsExtra: boolean;
  /** Waited for before the source reads so many rows once more. */
  turn: (rows: number) => Promise<void>;
}

export interface FoundDifference extends Interval {
  missing: number;
  extra: number;
  different: number;
}

export interface Found {
  sourceRows: number;
  destinationRows: number;
  differences: FoundDifference[];
  gone: number;
  kept: number;
  moved: number;
}

/** So few rows are compared one by one, by key and hash. */
const FEW_ROWS = 2_000;
/** Into so many pieces at most is a stretch parted at a time: their digests come from one scan of it. */
const MOST_PIECES = 256;
/** Of more rows that share one cursor value, so many are told apart at a time. */
const MOST_HASHES = 100_000;

/**
 * Compares two ends by count and hash: the whole first, which mostly is equal, since telling stretches apart takes a
 * fifth longer. What differs is parted at the cuts, and again and again, until a piece holds few rows. Those are
 * compared one by one.
 *
 * The caller has waited for the whole's turn.
 */
export async function findDifferences(ends: BothEnds, range: Interval, cuts: bigint[]): Promise<Found> {
  const whole = await digestBoth(ends, range, []);
  const parted = cuts.length > 0 && whole.some(differs);
  if (parted) await ends.turn(sum(whole.map(({ source }) => source.rows)));
  const pieces = parted ? await digestBoth(ends, range, cuts) : whole;
  const found: Found = {
    sourceRows: sum(pieces.map(({ source }) => source.rows)),
    destinationRows: sum(pieces.map(({ destination }) => destination.rows)),
    differences: [],
    gone: 0,
    kept: 0,
    moved: 0,
  };
  const waiting = pieces.filter(differs).reverse();
  for (let piece = waiting.pop(); piece; piece = waiting.pop()) {
    cancellationSignal().throwIfAborted();
    const rows = Math.max(piece.source.rows, piece.destination.rows);
    if (rows > FEW_ROWS && piece.upper - piece.lower > 1n && !isOneSided(ends, piece)) {
      const parts = Math.min(MOST_PIECES, Math.ceil(rows / FEW_ROWS) * 2);
      await ends.turn(piece.source.rows);
      const finer = await digestBoth(ends, piece, cutEvenly(piece, Math.max(2, parts)));
      waiting.push(...finer.filter(differs).reverse());
      continue;
    }
    const { kept, moved, ...counts } = await tellApart(ends, piece);
    found.kept += kept;
    found.moved += moved;
    // Without a key a changed row is one that is missing and one that is extra: only what is left over is gone.
    found.gone += ends.spec.key.length > 0 ? counts.extra : Math.max(0, counts.extra - counts.missing);
    if (counts.missing + counts.extra + counts.different > 0)
      found.differences.push({ lower: piece.lower, upper: piece.upper, ...counts });
  }
  return found;
}

interface Piece extends Interval {
  source: Digest;
  destination: Digest;
}

async function digestBoth(ends: BothEnds, range: Interval, cuts: bigint[]): Promise<Piece[]> {
  const [source, destination] = await bothEnded(
    readDigests(ends.reader, ends.source(range), range, cuts),
    readDigests(ends.writer, ends.destination, range, cuts),
  );
  return tile(range, cuts).map((piece, index) => ({
    ...piece,
    source: source[index] ?? { rows: 0, hash: '0' },
    destination: destination[index] ?? { rows: 0, hash: '0' },
  }));
}

function differs({ source, destination }: Piece): boolean {
  return source.rows !== destination.rows || source.hash !== destination.hash;
}

/** All of it is missing: its rows need no looking at. Rows that may have moved, or that are kept, do. */
function isOneSided({ spec }: BothEnds, { source, destination }: Piece): boolean {
  return destination.rows === 0 || (source.rows === 0 && !mayMove(spec));
}

interface Told {
  missing: number;
  extra: number;
  different: number;
  kept: number;
  moved: number;
}

async function tellApart(ends: BothEnds, piece: Piece): Promise<Told> {
  const { source, destination } = piece;
  const extras = (extra: number): Pick<Told, 'extra' | 'kept'> =>
    ends.keepsExtra ? { extra: 0, kept: extra } : { extra, kept: 0 };
  if (isOneSided(ends, piece))
    return { missing: source.rows, different: 0, moved: 0, ...extras(destination.rows) };
  const told: Told = { missing: 0, extra: 0, different: 0, kept: 0, moved: 0 };
  const parts = Math.max(1, Math.ceil(Math.max(source.rows, destination.rows) / MOST_HASHES));
  for (let part = 0; part < parts; part++) {
    await ends.turn(source.rows);
    const [there, here] = await bothEnded(
      readHashes(ends.reader, ends.source(piece), piece, { part, parts }),
      readHashes(ends.writer, ends.destination, piece, { part, parts }),
    );
    const { missing, extra, different } = compareHashes(there, here);
    const moved =
      mayBeThere(ends.spec) && extra.length > 0
        ? await findRows(ends.reader, ends.spec, ends.spec.key, extra)
        : new Set<number>();
    const rest = extras(extra.length - moved.size);
    told.missing += missing;
    told.different += different;
    told.moved += moved.size;
    told.extra += rest.extra;
    told.kept += rest.kept;
  }
  return told;
}

/** A row that the destination alone seems to have may be at the source elsewhere, or with another text of its key. */
function mayBeThere(spec: TableSpec): boolean {
  const { key, columns } = spec;
  return (
    mayMove(spec) ||
    columns.some(({ name, destinationType }) => key.includes(name) && !hasOneText(destinationType))
  );
}

function sum(numbers: number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
