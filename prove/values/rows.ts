import { Random } from '../../test/support/random';
import type { TypeSample } from './types';

/** So many values of a type are drawn beforehand, beside those that are written down; rows draw from these and anew. */
const POOL = 300;
/** A row's values that are new, that are drawn beforehand, and that are NULL, in parts of 1. */
const NEW = 0.05;
const NULLS = 0.08;
const CHUNK = 1 << 18;

export interface FuzzColumns {
  samples: readonly TypeSample[];
  /** The longest value, in UTF-16 units. */
  longest: number;
}

interface Column {
  /** Written down in the list of types. */
  hostile: string[];
  pool: string[];
  fuzz: (random: Random) => string;
}

/** Makes rows in COPY's text format, always the same for a seed: `(id, at, one column per type)`. */
export class Rows {
  private readonly random: Random;
  private readonly columns: Column[];

  constructor({ samples, longest }: FuzzColumns, seed: number) {
    const random = (this.random = new Random(seed));
    this.columns = samples.map(({ values, fuzz }) => {
      const hostile = values.filter(({ length }) => length <= longest).map(encode);
      // What is longer than a row may well be is seen once, not in each thousandth row.
      const short = hostile.filter(({ length }) => length <= 1_000);
      return { hostile, pool: [...short, ...random.list(POOL, POOL, () => encode(fuzz(random)))], fuzz };
    });
  }

  /** Rows of these ids, the first ones with what is written down. `at` gives their cursor value. */
  *between(from: number, to: number, at: (id: number) => string): Generator<Buffer> {
    let pending = '';
    for (let id = from; id < to; id++) {
      pending += `${id}\t${at(id)}`;
      const nth = id - from;
      for (const column of this.columns) pending += `\t${this.value(column, nth)}`;
      pending += '\n';
      if (pending.length < CHUNK) continue;
      yield Buffer.from(pending);
      pending = '';
    }
    if (pending !== '') yield Buffer.from(pending);
  }

  private value({ hostile, pool, fuzz }: Column, nth: number): string {
    if (nth === 0) return NULL;
    if (nth <= hostile.length) return hostile[nth - 1] as string;
    const chance = this.random.next();
    if (chance < NULLS) return NULL;
    return chance < NULLS + NEW ? encode(fuzz(this.random)) : this.random.pick(pool);
  }
}

const NULL = '\\N';
const escapes: Record<string, string> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** Not by the product's own encoder, which is among what is put to the proof. */
function encode(value: string): string {
  return value.replaceAll(/[\\\n\r\t]/g, (character) => escapes[character] as string);
}
