export type ProblemType = 'Configuration' | 'Drift';

/** Something that only a person can settle: what is wrong, and what to do. Not retried. */
export class Problem extends Error {
  constructor(
    readonly type: ProblemType,
    what: string,
    readonly remedy: string,
  ) {
    super(what);
  }
}
