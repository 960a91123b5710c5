/** An order to run a server. */
export interface RunOrder {
  type: 'run';
  id: number;
  command: string;
  args: string[];
  cwd: string;
  env: NodeJS.ProcessEnv;
  /** Gets what the server writes, appended. */
  logFile: string;
  /** What asks the server to end in order; SIGKILL follows after `graceMs`. */
  stopSignal: NodeJS.Signals;
  graceMs: number;
  runAs?: { uid: number; gid: number } | undefined;
}

export type GuardOrder = RunOrder | { type: 'stop'; id: number } | { type: 'temporary'; folder: string };

export type GuardAnswer =
  | { type: 'started'; id: number; pid: number }
  | { type: 'failed'; id: number; reason: string }
  | { type: 'ended'; id: number; how: string };
