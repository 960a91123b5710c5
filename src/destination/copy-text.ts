/** About this much is handed to the connection at a time. */
const CHUNK_BYTES = 1 << 16;

const SPECIAL = /[\\\b\f\n\r\t\v]/;
const SPECIALS = new RegExp(SPECIAL, 'g');
const ESCAPES: Record<string, string> = {
  '\\': '\\\\',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
};

/** Rows of text values, null for NULL, as they come from a database cursor. */
export type Rows = (string | null)[][];

/** Encodes rows in COPY's text format (PostgreSQL: COPY, Text Format). */
export async function* encodeCopyText(batches: AsyncIterable<Rows>): AsyncGenerator<Buffer> {
  let pending = '';
  for await (const rows of batches) {
    for (const row of rows) {
      pending += `${row.map(encodeValue).join('\t')}\n`;
      if (pending.length < CHUNK_BYTES) continue;
      yield Buffer.from(pending);
      pending = '';
    }
  }
  if (pending !== '') yield Buffer.from(pending);
}

function encodeValue(value: string | null): string {
  if (value === null) return '\\N';
  return SPECIAL.test(value)
    ? value.replace(SPECIALS, (character) => ESCAPES[character] ?? character)
    : value;
}
