import { cancellationSignal } from '@temporalio/activity';
import { readCheckpoint } from '../destination/read-checkpoint';
import { countAll } from '../destination/count-all';
import { DeletesRefused } from '../destination/deletes-refused';
import { parseTableName } from '../postgres/identifiers';
import { withClient } from '../postgres/with-client';
import { configuredTable, qualified } from './configured-tables';
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
  const limit = configuredTable(config, qualified(parseTableName(table)))?.config.deleteLimit ?? 0;
  const pulse = createPulse();
  const rows = await pulse.while(
    withClient(destination, cancellationSignal(), async (writer) => {
      const spec = (await readCheckpoint(writer, { sync, table }))?.spec;
      return spec == null ? 0 : countAll(writer, spec.destination);
    }),
  );
  const share = rows === 0 ? 100 : (gone / rows) * 100;
  if (share > limit) throw new DeletesRefused(gone, rows, limit);
}
