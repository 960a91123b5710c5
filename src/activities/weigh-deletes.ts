import { cancellationSignal } from '@temporalio/activity';
import { readCheckpoint } from '../destination/read-checkpoint';
import { DeletesRefused, refuseDeletesBeyond } from '../destination/deletes-refused';
import { withClient } from '../postgres/with-client';
import { requireConfigured } from './configured-tables';
import { type Dependencies, resourcesOf } from './dependencies';
import { createPulse } from './pulse';

export interface WeighInput {
  sync: string;
  table: string;
  /** Rows at the destination that are gone at the source. */
  gone: number;
}

/**
 * Throws {@link DeletesRefused} where more rows would be deleted than the configuration allows unasked: a source that was
 * restored, or that lost rows, must not empty the destination in silence.
 */
export async function weighDeletes(
  dependencies: Dependencies,
  { sync, table, gone }: WeighInput,
): Promise<void> {
  const { config, destination } = resourcesOf(dependencies, sync);
  const { deleteLimit } = requireConfigured(config, sync, table).config;
  const pulse = createPulse();
  await pulse.while(
    withClient(destination, cancellationSignal(), async (writer) => {
      const spec = (await readCheckpoint(writer, { sync, table }))?.spec;
      if (spec == null) throw new DeletesRefused(gone, 0, deleteLimit);
      await refuseDeletesBeyond(writer, spec.destination, { gone, deleted: 0 }, deleteLimit);
    }),
  );
}
