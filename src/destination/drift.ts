/** Source and destination schemas disagree in a way that nothing but a person can settle. */
export class Drift extends Error {
  constructor(
    readonly where: string,
    readonly what: string,
    readonly remedy: string,
  ) {
    super(`${where}: ${what}. ${remedy}`);
  }
}
