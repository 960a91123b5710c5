import type { Goal } from './measure';

/** At most so many times what `psql COPY | COPY` takes, straight into the keyed table. */
export function ofCopy(most: number): Goal {
  return {
    goal: `at most ${most.toFixed(1)} of COPY`,
    met: ({ tidemarkSeconds, copySeconds = NaN }) => tidemarkSeconds / copySeconds <= most,
  };
}

/** At most so many times what COPY into a staging table and INSERT … ON CONFLICT take. */
export function ofUpsert(most: number): Goal {
  return {
    goal: `at most ${most.toFixed(1)} of COPY + upsert`,
    met: ({ tidemarkSeconds, upsertSeconds = NaN }) => tidemarkSeconds / upsertSeconds <= most,
  };
}

export function seconds(most: number): Goal {
  return { goal: `at most ${most} s`, met: ({ tidemarkSeconds }) => tidemarkSeconds <= most };
}

/** The most memory that the worker's process ever had resident. */
export function megabytes(most: number): Goal {
  return {
    goal: `worker at most ${most} MB`,
    met: ({ peakMegabytes = NaN }) => peakMegabytes <= most,
  };
}

export function all(...goals: Goal[]): Goal {
  return {
    goal: goals.map(({ goal }) => goal).join(', '),
    met: (result) => goals.every(({ met }) => met(result)),
  };
}
