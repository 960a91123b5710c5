import { ApplicationFailure } from '@temporalio/activity';
import type { ClientBase } from 'pg';
import type { BatchInput, BatchResult } from '../plan/wire';
import { hasSqlstate } from '../postgres/describe-error';

/** Below this a batch is not halved any more: its rows lie so far apart that a smaller one meets as many others. */
const FEWEST_ROWS = 1_000;

/**
 * Copies a batch, and with half the rows again whenever that meets a limit of the destination's (53400: TimescaleDB
 * decompresses at most 100,000 rows for one statement). The result says how many passed, for the batches to come. The
 * smallest batch is copied without the limit (`unlimited`): all rows of one cursor value are in one batch, and each of
 * them may lie in another compressed segment.
 */
export async function withFewerRows(
  input: BatchInput,
  copy: (input: BatchInput, unlimited: boolean) => Promise<BatchResult>,
): Promise<BatchResult> {
  let { rows } = input;
  for (let unlimited = false; ;) {
    try {
      const result = await copy({ ...input, rows }, unlimited);
      return rows < input.rows ? { ...result, mostRows: rows } : result;
    } catch (error) {
      if (unlimited || !isLimit(error)) throw error;
      if (rows <= FEWEST_ROWS) unlimited = true;
      else rows = Math.max(FEWEST_ROWS, Math.floor(rows / 2));
    }
  }
}

/** Lets the transaction that the client is in decompress as many rows as it meets. */
export async function liftLimit(writer: ClientBase): Promise<void> {
  await writer.query('SET LOCAL timescaledb.max_tuples_decompressed_per_dml_transaction = 0');
}

function isLimit(error: unknown): boolean {
  return !(error instanceof ApplicationFailure) && hasSqlstate(error, '53400');
}
