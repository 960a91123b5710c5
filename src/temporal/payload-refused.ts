/** A payload that cannot be taken as it is. The message says what to do; it never holds any of the payload. */
export class PayloadRefused extends Error {
  override readonly name = 'PayloadRefused';

  constructor(what: string, remedy: string) {
    super(`${what}. ${remedy}`);
  }
}

/** No answer means that there is no run, or nobody to give it; one that cannot be decrypted needs a key. */
export function unlessRefused(error: unknown): undefined {
  if (error instanceof PayloadRefused) throw error;
}
