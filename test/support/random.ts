import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/** Chances that come from a seed, and come the same again. */
export class Random {
  private readonly generator;

  constructor(readonly seed: number) {
    this.generator = xoroshiro128plus(seed);
    // Neighbouring seeds begin alike.
    for (let i = 0; i < 20; i++) this.between(0, 1);
  }

  /** 32 bits, as a number from 0. */
  bits(): number {
    return this.generator.next() >>> 0;
  }

  /** From 0 to below 1. */
  next(): number {
    return this.bits() / 2 ** 32;
  }

  /** A whole number from 0 to below `most`. */
  below(most: number): number {
    return this.between(0, most - 1);
  }

  /** A whole number, both ends included. */
  between(least: number, most: number): number {
    return uniformInt(this.generator, least, most);
  }

  /** To the hundredth. */
  chance(probability: number): boolean {
    return this.between(1, 100) <= Math.round(probability * 100);
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T;
  }

  /** From `least` to `most` of what `make` gives. */
  list<T>(least: number, most: number, make: () => T): T[] {
    return Array.from({ length: this.between(least, most) }, make);
  }

  /** In an order of chance. */
  shuffle<T>(items: readonly T[]): T[] {
    const left = [...items];
    return items.map(() => left.splice(this.below(left.length), 1)[0] as T);
  }

  /** Chances of its own for something that goes on beside the rest, and must not change them. */
  fork(): Random {
    return new Random(this.between(0, 0x7fffffff));
  }
}
