/** A row by its key and the hash of its text. */
export interface HashedRow {
  /** The key's values as text; empty in a table without a key. */
  key: (string | null)[];
  hash: string;
}

export interface HashComparison {
  /** Rows at the source alone. */
  missing: number;
  /** Keys of rows at the destination alone. */
  extra: (string | null)[][];
  /** Rows at both with other values. */
  different: number;
}

/**
 * Tells rows of both ends apart, as multisets: by key, and those of one key by hash. Without a key a changed row is one
 * that is missing and one that is extra.
 */
export function compareHashes(source: HashedRow[], destination: HashedRow[]): HashComparison {
  const unmatched = new Map<string, { key: (string | null)[]; surplus: Map<string, number> }>();
  const add = (rows: HashedRow[], step: 1 | -1): void => {
    for (const { key, hash } of rows) {
      const name = key.length > 0 ? JSON.stringify(key) : hash;
      const entry = unmatched.get(name) ?? { key, surplus: new Map<string, number>() };
      unmatched.set(name, entry);
      entry.surplus.set(hash, (entry.surplus.get(hash) ?? 0) + step);
    }
  };
  add(source, 1);
  add(destination, -1);
  const result: HashComparison = { missing: 0, extra: [], different: 0 };
  for (const { key, surplus } of unmatched.values()) {
    let [missing, extra] = [0, 0];
    for (const times of surplus.values()) {
      if (times > 0) missing += times;
      else extra -= times;
    }
    const different = Math.min(missing, extra);
    result.different += different;
    result.missing += missing - different;
    for (let i = different; i < extra; i++) result.extra.push(key);
  }
  return result;
}
