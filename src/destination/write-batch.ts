import { type Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ClientBase } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import type { Interval } from '../plan/intervals';
import { hasOneText } from '../plan/printed-type';
import { mayMove, type TableSpec } from '../plan/table-spec';
import { inRange, rangeValues } from '../postgres/cursor-range';
import { hasSqlstate } from '../postgres/describe-error';
import { quoteIdentifier, quoteTable } from '../postgres/identifiers';
import { longStatement } from '../postgres/long-statement';
import { markOrigin } from '../postgres/origin';
import { type FindAtSource, removeGoneRows } from './gone-rows';
import { newestFirst } from './newest-first';
import { takeBackStaleRows } from './stale-rows';

/** A batch's rows on their way, in one of COPY's formats. `read` has read them all when it returns, or throws. */
export interface BatchRows {
  format: 'text' | 'binary';
  read: (consume: (stream: Readable) => Promise<void>) => Promise<void>;
}

/** What the caller shows of its life: bytes moving, or a wait for the server. */
export interface Life {
  /** Bytes moved. The wait for the next ones ends by calling what it returns. */
  moved: () => () => void;
  /** A wait for the server, until what it returns is called. */
  wait: () => () => void;
  while: <T>(statement: Promise<T>) => Promise<T>;
}

/** A row's key was there already although its interval is empty: write the batch again, without `straight`. */
export class KeyCollision extends Error {}

export interface BatchToWrite {
  spec: TableSpec;
  /** The batch's interval, from its position to its end. */
  range: Interval;
  /** The parts of it whose rows are deleted where the interval is rewritten; rows elsewhere stay. */
  deletable: Interval[];
  rows: BatchRows;
  /** Straight COPY is worth trying: no key has collided in this run so far. */
  straight: boolean;
  /** Bring the interval to what the source holds, deletes included, whatever the mode. */
  rewrite: boolean;
  findAtSource: FindAtSource;
  life: Life;
}

export interface Written {
  rows: number;
  bytes: number;
}

/** What was written, and how many rows were deleted for it where the interval was rewritten. */
export interface Rewritten extends Written {
  deleted: number;
}

const STAGING = 'pg_temp.tidemark_staging';

/**
 * Writes a batch's rows within the transaction that the client is in, by the table's write mode:
 * append copies; replace deletes the interval and copies; upsert copies straight in where the interval is empty at
 * the destination, else through a staging table, never putting an older version of a row over a newer one.
 */
export async function writeBatch(client: ClientBase, batch: BatchToWrite): Promise<Rewritten> {
  const { spec, rewrite, life } = batch;
  const target = quoteTable(spec.destination);
  const isNew = spec.firstLoad && spec.createdHere;
  if (spec.mode !== 'upsert') {
    const deletes = rewrite || (spec.mode === 'replace' && !isNew);
    const deleted = deletes ? await life.while(deleteInterval(client, batch)) : 0;
    return { ...(await copyInto(client, target, batch)), deleted };
  }
  if (rewrite || !batch.straight || !spec.keyUnique || !(isNew || (await isEmpty(client, batch)))) {
    return { ...(await copyAndMerge(client, batch)), deleted: 0 };
  }
  try {
    return { ...(await copyInto(client, target, batch)), deleted: 0 };
  } catch (error) {
    throw hasSqlstate(error, '23505') ? new KeyCollision('a key is there already') : error;
  }
}

async function deleteInterval(client: ClientBase, { spec, deletable }: BatchToWrite): Promise<number> {
  const { column, kind } = spec.cursor;
  const text = `DELETE FROM ${quoteTable(spec.destination)} WHERE ${inRange(column, kind, '$1', '$2')}`;
  let deleted = 0;
  for (const part of deletable)
    deleted += (await client.query(longStatement(text, rangeValues(kind, part)))).rowCount ?? 0;
  return deleted;
}

/** Whether the destination holds nothing in the batch's interval, where that is cheap to ask and worth it. */
async function isEmpty(client: ClientBase, { spec, range }: BatchToWrite): Promise<boolean> {
  const { column, kind } = spec.cursor;
  // A key without the cursor column may sit in another interval: most batches would collide and be read twice.
  if (!spec.cursorIndexed || !spec.key.includes(column)) return false;
  const found = await client.query(
    `SELECT FROM ${quoteTable(spec.destination)} WHERE ${inRange(column, kind, '$1', '$2')} LIMIT 1`,
    rangeValues(kind, range),
  );
  return found.rows.length === 0;
}

async function copyInto(client: ClientBase, table: string, batch: BatchToWrite): Promise<Written> {
  const columns = batch.spec.columns.map(({ name }) => name);
  const into = copyFrom(
    `COPY ${table} (${columns.map(quoteIdentifier).join(', ')}) FROM STDIN (FORMAT ${batch.rows.format})`,
  );
  into.on('error', (error) => markOrigin(error, { end: 'destination', columns }));
  let stopWaiting = batch.life.wait();
  let bytes = 0;
  const meter = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      stopWaiting();
      stopWaiting = batch.life.moved();
      done(null, chunk);
    },
    // Of a batch without rows the destination's answer is all that is waited for, and it may never come.
    flush(done) {
      stopWaiting();
      stopWaiting = batch.life.moved();
      done();
    },
  });
  try {
    await batch.rows.read((stream) => pipeline(stream, meter, client.query(into)));
  } finally {
    stopWaiting();
  }
  return { rows: into.rowCount, bytes };
}

async function copyAndMerge(client: ClientBase, batch: BatchToWrite): Promise<Written> {
  const { spec } = batch;
  const columns = spec.columns.map(({ name }) => quoteIdentifier(name));
  await client.query(
    `CREATE TEMP TABLE tidemark_staging ON COMMIT DROP AS
     SELECT ${columns.join(', ')} FROM ${quoteTable(spec.destination)} WITH NO DATA`,
  );
  const copied = await copyInto(client, STAGING, batch);
  if (copied.rows > 0) {
    if (batch.rewrite && mayMove(spec))
      await batch.life.while(takeBackStaleRows(client, spec, STAGING, batch.findAtSource));
    await batch.life.while(client.query(longStatement(mergeStatement(spec))));
  }
  if (batch.rewrite) {
    for (const part of batch.deletable)
      await batch.life.while(removeGoneRows(client, spec, part, STAGING, batch.findAtSource));
  }
  return copied;
}

/**
 * Of several staged rows of one key one goes on ({@link newestFirst}); it replaces the row that is there unless that one's cursor value is later, or nothing differs. `*<>` compares rows as they are stored (PostgreSQL:
 * Composite Type Comparison), so it works for types without equality, and sees that 1.00 is not 1.0. Where equal keys
 * may be two texts, as these, the key is set as well. Never DO NOTHING: TimescaleDB 2.17 stops there at the first
 * conflict with a compressed row (timescaledb issue 7672). Rows in the key's order merge faster.
 */
function mergeStatement(spec: TableSpec): string {
  const target = quoteTable(spec.destination);
  const columns = spec.columns.map(({ name }) => quoteIdentifier(name));
  const key = spec.key.map(quoteIdentifier);
  const cursor = quoteIdentifier(spec.cursor.column);
  const written = spec.columns
    .filter(({ name, destinationType }) => !spec.key.includes(name) || !hasOneText(destinationType))
    .map(({ name }) => quoteIdentifier(name));
  const choice = spec.keyUnique ? '' : `DISTINCT ON (${key.join(', ')})`;
  const order = spec.keyUnique ? key.join(', ') : `${key.join(', ')}, ${newestFirst(spec)}`;
  const sets = written.map((column) => `${column} = excluded.${column}`);
  const differs =
    written.length === 0
      ? []
      : [
          `ROW(${written.map((column) => `present.${column}`).join(', ')})::record
             OPERATOR(pg_catalog.*<>) ROW(${written.map((column) => `excluded.${column}`).join(', ')})::record`,
        ];
  if (typeof spec.deletes === 'object') {
    // It is there again.
    const soft = quoteIdentifier(spec.deletes.soft);
    sets.push(`${soft} = NULL`);
    differs.push(`present.${soft} IS NOT NULL`);
  }
  const update =
    sets.length === 0
      ? `UPDATE SET ${key[0]} = excluded.${key[0]} WHERE false`
      : `UPDATE SET ${sets.join(', ')}
         WHERE (present.${cursor} IS NULL OR present.${cursor} <= excluded.${cursor}) AND (${differs.join(' OR ')})`;
  return `INSERT INTO ${target} AS present (${columns.join(', ')}) OVERRIDING SYSTEM VALUE
    SELECT ${choice} ${columns.join(', ')} FROM ${STAGING} ORDER BY ${order}
    ON CONFLICT (${key.join(', ')}) DO ${update}`;
}
