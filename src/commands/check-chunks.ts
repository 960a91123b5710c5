import type { TableChoice } from '../activities/choose-spec';
import type { TableConfig } from '../config/config';
import { formatIdentifier } from '../postgres/identifiers';
import type { SourceTable } from '../source/describe-tables';
import { type Finding, info, warning } from './finding';
import { formatCount } from './format';

/** What follows from a table's rows being in chunks: what reading them costs, and how far. */
export function checkChunks(
  name: string,
  { kind, hypertable }: SourceTable,
  { cursor, mode }: TableChoice,
  { retention }: Pick<TableConfig, 'retention'>,
): Finding[] {
  if (hypertable === undefined) return [];
  const findings: Finding[] = [];
  const time = formatIdentifier(hypertable.timeColumn);
  const column = formatIdentifier(cursor.column);
  const alongCursor = hypertable.timeColumn === cursor.column;
  if (!alongCursor) {
    findings.push(
      warning(name, costOf(column, time, hypertable), `Use cursor: ${time} where rows come in its order.`),
    );
  }
  if (!alongCursor && mode === 'replace' && retention === 'keep') {
    findings.push(
      warning(
        name,
        `mode replace deletes the rows of dropped chunks, too: which those are cannot be told by ${column}`,
        `Use cursor: ${time}, or mode upsert with a key; or say retention: mirror, if that is meant.`,
      ),
    );
  }
  if (kind === 'continuous aggregate' && alongCursor) {
    findings.push(
      info(
        name,
        'it is copied as far as it is materialized, complete buckets only; buckets that are refreshed after they were copied are found by lookback or reconcile',
      ),
    );
  }
  return findings;
}

function costOf(
  column: string,
  time: string,
  { chunks, compressedChunks }: NonNullable<SourceTable['hypertable']>,
): string {
  const all = chunks === 1 ? 'its chunk' : `all of its ${formatCount(chunks)} chunks`;
  const whole =
    compressedChunks === 0 ? '' : `, and reads the ${formatCount(compressedChunks)} compressed ones whole`;
  return `the cursor column ${column} is not the time dimension ${time}: every batch looks into ${all}${whole}`;
}
