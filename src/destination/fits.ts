/** What a type's every value can be stored in without changing its text. Source type, then wider types. */
const wider: Record<string, string[]> = {
  smallint: ['integer', 'bigint', 'numeric'],
  integer: ['bigint', 'numeric'],
  bigint: ['numeric'],
  real: ['double precision'],
};

/**
 * Whether a column of `existing` type takes every value of `wanted` without changing it. A narrower modifier does not
 * fit: `numeric(10,2)` would round in silence what comes from `numeric(10,4)`.
 */
export function fits(wanted: string, existing: string): boolean {
  if (wanted === existing || existing === 'text' || existing === 'character varying') return true;
  const [wantedBase, wantedModifier] = split(wanted);
  const [existingBase, existingModifier] = split(existing);
  if (wantedBase === existingBase) {
    if (existingModifier === undefined) return true;
    const lengths = [wantedModifier, existingModifier].map((modifier) => Number(modifier ?? 'NaN'));
    return wantedBase === 'character varying' && (lengths[0] ?? NaN) <= (lengths[1] ?? NaN);
  }
  return existingModifier === undefined && (wider[wantedBase]?.includes(existingBase) ?? false);
}

function split(type: string): [string, string | undefined] {
  const modifier = /\(([^)]*)\)/.exec(type)?.[1];
  return [type.replace(/\([^)]*\)/, ''), modifier];
}
