import { LAG_STEP_MS, type Rates, RATE_STEP_MS } from './snapshot';

const RATE_POINTS = 60;
const LAG_POINTS = 180;
/** Over which the speed of the moment is an average, since batches come in lumps. */
const WINDOW_MS = 10_000;

interface Sample {
  at: number;
  rows: number | null;
  bytes: number | null;
}

export interface Speeds {
  rowsPerSecond: number | null;
  bytesPerSecond: number | null;
  rates: Rates;
}

/** How fast a table was copied in the last minutes, and its lag in the last hours: as far as somebody looked. */
export class History {
  private samples: Sample[] = [];
  private lags: { at: number; lag: number }[] = [];

  /** Counters, which may begin anew; null where they are not known. */
  count(at: number, rows: number | null, bytes: number | null): void {
    if (this.samples.at(-1)?.at === at) return;
    this.samples.push({ at, rows, bytes });
    const oldest = at - RATE_STEP_MS * (RATE_POINTS + 1);
    this.samples = this.samples.filter((sample) => sample.at >= oldest);
  }

  /** Keeps the last of each minute. */
  noteLag(at: number, lag: number): void {
    const last = this.lags.at(-1);
    if (last && step(last.at, LAG_STEP_MS) === step(at, LAG_STEP_MS)) this.lags.pop();
    this.lags.push({ at, lag });
    this.lags = this.lags.filter((one) => step(one.at, LAG_STEP_MS) > step(at, LAG_STEP_MS) - LAG_POINTS);
  }

  lagsAt(now: number): (number | null)[] {
    const first = this.lags[0];
    if (!first) return [];
    const known = new Map(this.lags.map(({ at, lag }) => [step(at, LAG_STEP_MS), lag]));
    const from = Math.max(step(first.at, LAG_STEP_MS), step(now, LAG_STEP_MS) - LAG_POINTS + 1);
    return Array.from(
      { length: step(now, LAG_STEP_MS) - from + 1 },
      (_, index) => known.get(from + index) ?? null,
    );
  }

  speedsAt(now: number): Speeds {
    const recent = this.samples.filter(({ at }) => at >= now - WINDOW_MS);
    return {
      rowsPerSecond: speed(recent, 'rows'),
      bytesPerSecond: speed(recent, 'bytes'),
      rates: { rows: this.points(now, 'rows'), bytes: this.points(now, 'bytes') },
    };
  }

  private points(now: number, what: 'rows' | 'bytes'): (number | null)[] {
    const end = step(now, RATE_STEP_MS);
    const groups = new Map<number, Sample[]>();
    for (const [index, sample] of this.samples.entries()) {
      const key = step(sample.at, RATE_STEP_MS);
      const before = this.samples[index - 1];
      // From the last look before the step, so that nothing falls between two.
      const group = groups.get(key) ?? (before && sample.at - before.at < 2 * RATE_STEP_MS ? [before] : []);
      groups.set(key, [...group, sample]);
    }
    const from = Math.max(end - RATE_POINTS, step(this.samples[0]?.at ?? now, RATE_STEP_MS));
    // The step that is under way would always look too low.
    return Array.from({ length: end - from }, (_, index) => speed(groups.get(from + index) ?? [], what));
  }
}

/** Several tables' speeds together. */
export function sumOfSpeeds(all: readonly Speeds[]): Speeds {
  const length = Math.max(0, ...all.map(({ rates }) => rates.rows.length));
  const total = (what: 'rows' | 'bytes'): (number | null)[] =>
    Array.from({ length }, (_, index) => sum(all.map(({ rates }) => rates[what].at(index - length) ?? null)));
  return {
    rowsPerSecond: sum(all.map(({ rowsPerSecond }) => rowsPerSecond)),
    bytesPerSecond: sum(all.map(({ bytesPerSecond }) => bytesPerSecond)),
    rates: { rows: total('rows'), bytes: total('bytes') },
  };
}

function sum(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((a, b) => a + b, 0);
}

function step(at: number, width: number): number {
  return Math.floor(at / width);
}

/** A counter's growth a second; where it fell, it began anew, or a checkpoint was forgotten. */
function speed(samples: readonly Sample[], what: 'rows' | 'bytes'): number | null {
  const known = samples.flatMap((sample) =>
    sample[what] === null ? [] : [[sample.at, sample[what]] as const],
  );
  const [first, last] = [known[0], known.at(-1)];
  if (!first || !last || last[0] - first[0] < 400) return null;
  let grown = 0;
  for (let i = 1; i < known.length; i++)
    grown += Math.max(0, (known[i]?.[1] ?? 0) - (known[i - 1]?.[1] ?? 0));
  return Math.round((grown * 1000) / (last[0] - first[0]));
}
