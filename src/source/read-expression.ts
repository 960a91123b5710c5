import { quoteIdentifier } from '../postgres/identifiers';

/** A column as a table's spec has it, types as format_type prints them. */
export interface ReadColumn {
  name: string;
  sourceType: string;
  destinationType: string;
}

/**
 * A column as SQL for the source's SELECT: itself, or, where a vector is kept as another type, turned into what that
 * type's text is at the destination. So the text of this expression is what the destination's column shows.
 */
export function readExpression({ name, sourceType, destinationType }: ReadColumn): string {
  const column = quoteIdentifier(name);
  const [from, to] = [vectorType(sourceType), vectorType(destinationType)];
  const toJson = /^jsonb?$/.test(destinationType) ? destinationType : undefined;
  if (from) {
    // Any of pgvector's types casts to any other, and only the dense ones to an array; sparsevec's text is no JSON.
    const dense = from.name === 'sparsevec' ? `${column}::${from.schema}vector` : column;
    if (toJson) return `${dense}::text::${toJson}`;
    if (numbers.test(destinationType)) return `${dense}::real[]::${destinationType}`;
    if (to && to.name !== from.name) return `${column}::${from.schema}${to.name}`;
  } else if (numbers.test(sourceType)) {
    if (toJson) return `to_${toJson}(${column})`;
    // The source may have no pgvector: only brackets tell the array's text from the vector's.
    if (to) return `translate(${column}::real[]::text, '{}', '[]')`;
  }
  return column;
}

/** Arrays of numbers: what pgvector takes for a vector. */
const numbers = /^(real|double precision|integer|numeric(\([\d,]+\))?)\[\]$/;

/** pgvector's type, and the schema it is qualified with, ready for SQL. */
export function vectorType(type: string): { schema: string; name: string; dimensions?: number } | undefined {
  const match = /^(.*\.)?(vector|halfvec|sparsevec)(?:\((\d+)\))?$/.exec(type);
  if (!match) return undefined;
  const [, schema = '', name = '', dimensions] = match;
  return { schema, name, ...(dimensions !== undefined && { dimensions: Number(dimensions) }) };
}
