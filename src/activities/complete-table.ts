import { cancellationSignal } from '@temporalio/activity';
import type { ClientBase } from 'pg';
import { completeCheckpoint } from '../destination/complete-checkpoint';
import { indexCursor } from '../destination/evolve-table';
import { readSpec } from '../destination/read-spec';
import type { Completed } from '../plan/wire';
import { withClient } from '../postgres/with-client';
import { type Dependencies, resourcesOf } from './dependencies';
import { createPulse } from './pulse';

export interface CompleteInput {
  sync: string;
  table: string;
  epoch: number;
}

/**
 * Ends a table's run, once all its intervals are copied: builds the cursor column's index after a first load, when
 * that is faster than keeping it up to date, and moves the watermark to the horizon.
 */
export async function completeTable(dependencies: Dependencies, input: CompleteInput): Promise<Completed> {
  const { destination } = resourcesOf(dependencies, input.sync);
  const pulse = createPulse();
  return pulse.while(withClient(destination, cancellationSignal(), (writer) => complete(writer, input)));
}

/** The same on a session that is there already. */
export async function complete(writer: ClientBase, input: CompleteInput): Promise<Completed> {
  const spec = await readSpec(writer, input);
  if (spec.firstLoad && spec.createdHere && !spec.cursorIndexed) {
    await indexCursor(writer, spec.destination, spec.cursor.column);
  }
  return { watermark: await completeCheckpoint(writer, input) };
}
