import type { ClientBase } from 'pg';
import { z } from 'zod';
import { isCursorText } from '../plan/cursor-value';
import { queryRows } from '../postgres/query';
import { Drift } from './drift';

/** A cursor value in its text form, as checkpoints hold it. */
export const storedCursor = z.string().refine(isCursorText);

/** As {@link queryRows}, for rows of the schema `tidemark`. Throws {@link Drift} for what Tidemark did not write there. */
export async function readStored<T extends z.ZodType>(
  client: ClientBase,
  row: T,
  text: string,
  values: unknown[],
): Promise<z.infer<T>[]> {
  try {
    return await queryRows(client, row, text, values);
  } catch (error) {
    // What stands there is not repeated: it may be anything.
    if (!(error instanceof z.ZodError || error instanceof SyntaxError)) throw error;
    throw new Drift(
      'schema tidemark at the destination',
      'a checkpoint there is not as Tidemark writes it',
      "Restore the schema's tables from a backup. Without one, give the sync another name, and an empty target unless its mode is upsert.",
    );
  }
}
