import type { FailureKind } from './exit-codes';

/** Why a command ends, for the person at the keyboard: what is wrong, and what to do. */
export class CommandError extends Error {
  constructor(
    readonly kind: FailureKind,
    what: string,
    readonly remedy: string,
  ) {
    super(what);
  }
}
