import { readFileSync } from 'node:fs';
import path from 'node:path';
import { buildMutant } from '../../prove/mutants';
import { mutants } from '../../prove/mutations';
import { aimed, pairs, planRun, points } from '../../prove/plan';
import { Random } from '../support/random';

const abilities = { hypertables: true, disk: true };

test('a run comes the same again from its seed, and another from another', () => {
  const plan = (seed: number) => JSON.stringify(planRun(new Random(seed), abilities));
  expect(plan(4711)).toBe(plan(4711));
  expect(plan(4711)).not.toBe(plan(4712));
});

test('seeds that follow each other aim every fault at every moment', () => {
  expect(new Set(pairs.map(({ point, kind }) => `${kind} ${point}`)).size).toBe(points.length * aimed.length);
  const seen = new Map<string, number>();
  for (let seed = 1; seed <= 100; seed++)
    for (const { kind, point } of planRun(new Random(seed), abilities).faults)
      if (point) seen.set(`${kind} ${point}`, (seen.get(`${kind} ${point}`) ?? 0) + 1);
  expect(seen.size).toBe(pairs.length);
  expect(Math.min(...seen.values())).toBeGreaterThanOrEqual(8);
});

test('every run has each write mode, and a hypertable where there can be one', () => {
  for (let seed = 1; seed <= 50; seed++) {
    const { tables } = planRun(new Random(seed), abilities);
    expect(new Set(tables.map(({ mode }) => mode))).toEqual(new Set(['upsert', 'replace', 'append']));
    expect(tables.some(({ parts }) => parts === 'hypertable')).toBe(true);
  }
});

test.each(mutants)('the mutant $name still fits the engine', (mutant) => {
  const dist = buildMutant(mutant);
  for (const { file, to } of mutant.edits) expect(readFileSync(path.join(dist, file), 'utf8')).toContain(to);
});
