/** A row by its key's values, none in a table without a key, and the hash of its text. */
interface HashedRow {
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
  const unmatched = new Map<string, { key: (string | null)[]; source: string[]; destination: string[] }>();
  const add = (rows: HashedRow[], side: 'source' | 'destination'): void => {
    for (const { key, hash } of rows) {
      const name = key.length > 0 ? JSON.stringify(key) : hash;
      const entry = unmatched.get(name) ?? { key, source: [], destination: [] };
      unmatched.set(name, entry);
      entry[side].push(hash);
    }
  };
  add(source, 'source');
  add(destination, 'destination');
  const result: HashComparison = { missing: 0, extra: [], different: 0 };
  for (const { key, source: there, destination: here } of unmatched.values()) {
    const rest = [...here];
    const changed = there.filter((hash) => {
      const index = rest.indexOf(hash);
      if (index === -1) return true;
      rest.splice(index, 1);
      return false;
    });
    const different = Math.min(changed.length, rest.length);
    result.different += different;
    result.missing += changed.length - different;
    for (let i = different; i < rest.length; i++) result.extra.push(key);
  }
  return result;
}
