/** What the command line's exit codes mean; docs/CLI.md lists them. */
export const exitCodes = {
  ok: 0,
  /** A fault of Tidemark's own, to be reported. */
  internal: 1,
  /** The command line itself is wrong. */
  usage: 2,
  /** The configuration, or what it names (a table, a column, a grant), is wrong. */
  configuration: 3,
  /** A database or Temporal cannot be reached or logged in to. */
  connection: 4,
  /** The run ended, and some table was not copied to its end. */
  partialFailure: 5,
  /** Source and destination disagree in a way that a person must settle. */
  drift: 6,
  /** Source and destination were compared, and some rows differ. */
  differences: 7,
  /** There is no such run or schedule now, or it is in no state for what was asked. */
  notNow: 8,
  /** Ctrl-C or SIGTERM. */
  interrupted: 130,
} as const;

export type FailureKind = Exclude<keyof typeof exitCodes, 'ok'>;
