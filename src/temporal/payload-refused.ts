/** A payload that cannot be taken as it is. The message says what to do; it never holds any of the payload. */
export class PayloadRefused extends Error {
  override readonly name = 'PayloadRefused';

  constructor(what: string, remedy: string) {
    super(`${what}. ${remedy}`);
  }
}
