import { createHash } from 'node:crypto';
import { type CursorKind, formatCursorValue } from '../plan/cursor-value';
import { maxIdentifierBytes } from '../postgres/identifiers';

/**
 * A native partition's name: its table's and its lower bound, `readings_p20240131`. A table's name that is too long for
 * both is cut, and then told apart by its hash.
 */
export function partitionName(table: string, kind: CursorKind, lower: bigint): string {
  const bound = formatCursorValue(kind, lower)
    .replace(/^-/, 'm')
    .replace(/( 00:00:00)?(\+00)?( BC)?$/, (_, _midnight, _zone, bc?: string) => (bc ? '_bc' : ''))
    .replaceAll(/[-:]/g, '')
    .replaceAll(/[ .]/g, '_');
  const name = `${table}_p${bound}`;
  if (Buffer.byteLength(name) <= maxIdentifierBytes) return name;
  const hash = createHash('md5').update(table).digest('hex').slice(0, 8);
  const suffix = `_${hash}_p${bound}`;
  let stem = table;
  while (Buffer.byteLength(stem + suffix) > maxIdentifierBytes) stem = Array.from(stem).slice(0, -1).join('');
  return stem + suffix;
}
