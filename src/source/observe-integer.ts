import type { ClientBase } from 'pg';
import { z } from 'zod';
import { formatCursorValue, parseCursorValue } from '../plan/cursor-value';
import { quoteIdentifier, quoteTable } from '../postgres/identifiers';
import { pgBigint, queryRow } from '../postgres/query';
import { type Cursor, fromOn } from '../postgres/cursor-range';
import { type OpenTransaction, readOpenTransactions } from './open-transactions';

export interface IntegerSighting {
  /** The largest value; undefined in a table without rows. */
  maximum: bigint | undefined;
  /**
   * When its transaction had begun at the latest, in microseconds since the Unix epoch: when it was seen, or, since a
   * standby shows the past, when the last transaction ended that the standby has replayed.
   */
  at: bigint;
  /** Up to when what was committed is there: the server's now, or that of the primary as a standby has replayed it. */
  present: bigint;
  /** The server's clock. */
  serverTime: bigint;
  /** The oldest transaction that was open after it was seen; undefined when none was. */
  oldestOpen: OpenTransaction | undefined;
  /** Why open transactions cannot all be seen. */
  unknown: string | undefined;
  isStandby: boolean;
}

/**
 * Looks at an integer cursor column, which has no clock: the largest value, when, and the oldest transaction open
 * then. A number below the maximum can only still come from a transaction that had begun by `at`, given that numbers
 * are handed out in order. Two statements, in this order: the clock is read after the maximum's snapshot was taken,
 * and the transactions after both.
 */
export async function observeInteger(
  client: ClientBase,
  { table, column, kind }: Cursor,
  /** Nothing larger lies below this. */
  from?: bigint,
): Promise<IntegerSighting> {
  const seen = await queryRow(
    client,
    z.object({
      maximum: pgBigint.nullable(),
      at: z.string().transform((text) => parseCursorValue('timestamptz', text)),
    }),
    `SELECT max(${quoteIdentifier(column)}) AS maximum, clock_timestamp()::text AS at FROM ${quoteTable(table)}
     ${from === undefined ? '' : `WHERE ${fromOn(column, kind, '$1')}`}`,
    from === undefined ? [] : [formatCursorValue(kind, from)],
  );
  const { oldest, unknown, serverTime, replayed } = await readOpenTransactions(client);
  return {
    maximum: seen.maximum ?? undefined,
    at: replayed?.lastEnd ?? seen.at,
    present: replayed?.to ?? serverTime,
    serverTime,
    oldestOpen: oldest,
    unknown,
    isStandby: replayed !== undefined,
  };
}
