/** What Tidemark or one peer came to in one case. */
export interface Outcome {
  case: string;
  name: string;
  version: string;
  mode: string;
  /** Every round's seconds, in order; of which the median, and its multiple of COPY's in the same run. */
  all: number[];
  seconds?: number;
  ratio?: number;
  /** Whether the destination holds the source's rows, types and all; if not, whether all values are there, and what differs. */
  equal?: boolean;
  kept?: boolean;
  differs?: string;
  /** After SIGKILL in mid-load: how many rows were read that had been read, and what the destination held in the end. */
  rowsReadAgain?: number;
  equalAfterCrash?: boolean;
  keptAfterCrash?: boolean;
  differsAfterCrash?: string;
  error?: string;
}

/** All who ran in one case, with psql's times in between. */
export interface SideBySide {
  case: string;
  rows: number;
  copySeconds: number;
  upsertSeconds: number;
  outcomes: Outcome[];
}
