import type { Checkpoint } from '../destination/read-checkpoint';
import { formatIdentifier, formatName } from '../postgres/identifiers';
import type { SourceTable } from '../source/describe-tables';
import { sameIdentity } from '../source/read-identity';
import type { TableSpec } from '../plan/table-spec';
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
  const changes = changedMeaning(before, choice).map(({ what }) => what);
  if (changes.length === 0) return;
  throw new Problem(
    'Drift',
    `its ${changes.join(' and ')} changed since rows were last copied`,
    `Change the configuration back, or copy the table anew: \`tidemark resync --table ${formatName(table)}\`, after emptying the target.`,
  );
}

/** A setting that says what copied rows and positions mean. */
export interface ChangedSetting {
  what: string;
  before: string;
  now: string;
}

/** What rows were copied by, and are not any more. */
export function changedMeaning(before: TableSpec, choice: TableChoice): ChangedSetting[] {
  const cursor = ({ column, kind }: TableSpec['cursor']): string => `${formatIdentifier(column)} (${kind})`;
  const key = (columns: string[]): string => columns.map(formatIdentifier).join(', ') || 'none';
  return [
    { what: 'cursor column', before: cursor(before.cursor), now: cursor(choice.cursor) },
    { what: 'mode', before: before.mode, now: choice.mode },
    { what: 'key', before: key(before.key), now: key(choice.key) },
    { what: 'target', before: formatName(before.destination), now: formatName(choice.destination) },
  ].filter((setting) => setting.before !== setting.now);
}
