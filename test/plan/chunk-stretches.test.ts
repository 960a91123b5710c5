import fc from 'fast-check';
import { groupStretches } from '../../src/plan/chunk-groups';
import { coveredParts, toStretches } from '../../src/plan/chunk-stretches';

const chunk = fc
  .record({ lower: fc.bigInt(0n, 40n), width: fc.bigInt(1n, 12n), compressed: fc.boolean() })
  .map(({ lower, width, compressed }) => ({ lower, upper: lower + width, compressed }));

it('stretches cover what the chunks cover, once, and are compressed where some chunk is', () => {
  fc.assert(
    fc.property(fc.array(chunk), (chunks) => {
      const stretches = toStretches(chunks);
      for (let tick = 0n; tick < 60n; tick++) {
        const holds = ({ lower, upper }: { lower: bigint; upper: bigint }): boolean =>
          lower <= tick && tick < upper;
        const at = chunks.filter(holds);
        const found = stretches.filter(holds);
        expect(found).toHaveLength(at.length > 0 ? 1 : 0);
        if (at.some(({ compressed }) => compressed)) expect(found[0]?.compressed).toBe(true);
      }
      expect(stretches).toEqual([...stretches].sort((a, b) => (a.lower < b.lower ? -1 : 1)));
    }),
  );
});

it('groups and covered parts hold every tick of a chunk within the interval', () => {
  fc.assert(
    fc.property(
      fc.array(chunk, { maxLength: 200 }),
      fc.bigInt(0n, 30n),
      fc.bigInt(1n, 30n),
      (chunks, lower, width) => {
        const interval = { lower, upper: lower + width };
        const stretches = toStretches(chunks);
        const groups = groupStretches(interval, stretches);
        const parts = coveredParts(interval, stretches);
        for (let tick = 0n; tick < 70n; tick++) {
          const holds = (part: { lower: bigint; upper: bigint }): boolean =>
            part.lower <= tick && tick < part.upper;
          const covered = holds(interval) && stretches.some(holds);
          expect(parts.filter(holds)).toHaveLength(covered ? 1 : 0);
          if (covered) expect(groups.filter(holds)).toHaveLength(1);
          if (!holds(interval)) expect(groups.some(holds)).toBe(false);
        }
      },
    ),
  );
});

it('a group holds at most fifty stretches', () => {
  const stretches = Array.from({ length: 120 }, (_, n) => ({
    lower: BigInt(2 * n),
    upper: BigInt(2 * n + 1),
    compressed: false,
  }));
  expect(groupStretches({ lower: 1n, upper: 1000n }, stretches)).toEqual([
    { lower: 2n, upper: 101n },
    { lower: 102n, upper: 201n },
    { lower: 202n, upper: 239n },
  ]);
});
