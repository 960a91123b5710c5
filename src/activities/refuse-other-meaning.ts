import type { Checkpoint } from '../destination/read-checkpoint';
import { formatName } from '../postgres/identifiers';
import type { SourceTable } from '../source/describe-tables';
import { sameIdentity } from '../source/read-identity';
import type { TableChoice } from './choose-spec';
import { Problem } from './problem';

/**
 * Throws {@link Problem} where a table's checkpoint speaks of something else than what is configured now: a position
 * means nothing in another database or another cursor column, and rows written by another key or mode don't mix.
 */
export function refuseOtherMeaning(
  table: SourceTable,
  choice: TableChoice,
  identity: string,
  checkpoint: Checkpoint | undefined,
): void {
  const before = checkpoint?.spec;
  if (!before || checkpoint.planned == null) return;
  if (checkpoint.source != null && !sameIdentity(checkpoint.source, identity)) {
    throw new Problem(
      'Drift',
      `the source is another database (${identity}) than the one whose rows were copied (${checkpoint.source})`,
      `Give this sync another name, or copy the table anew: \`tidemark resync --table ${formatName(table)}\`. If it is the same data, moved: UPDATE tidemark.tables SET source = NULL at the destination.`,
    );
  }
  const changes = [
    before.cursor.column === choice.cursor.column && before.cursor.kind === choice.cursor.kind
      ? ''
      : 'cursor column',
    before.mode === choice.mode ? '' : 'mode',
    before.key.join() === choice.key.join() ? '' : 'key',
    formatName(before.destination) === formatName(choice.destination) ? '' : 'target',
  ].filter(Boolean);
  if (changes.length === 0) return;
  throw new Problem(
    'Drift',
    `its ${changes.join(' and ')} changed since rows were last copied`,
    `Change the configuration back, or copy the table anew: \`tidemark resync --table ${formatName(table)}\`, after emptying the target.`,
  );
}
