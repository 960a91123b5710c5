import type { Table } from '../tables';

/** One who copies a table, be it Tidemark or a peer. */
export interface Contestant {
  name: string;
  version: string;
  mode: string;
  /** Whether its work ends with its process; Temporal goes on with Tidemark's. */
  endsWhenKilled: boolean;
  /** Whether its rows go to a file or another table first, so that its own table does not tell how far it is. */
  stages: boolean;
  /** Its table at the destination. */
  target: (table: Table) => string;
  /** Leaves nothing of an earlier load behind. */
  forget: (table: Table) => Promise<void>;
  /** Starts to load, or goes on after a kill. */
  start: (table: Table) => Promise<Load>;
}

export interface Load {
  /** Its seconds. Rejects when it fails, also by kill(). */
  done: Promise<number>;
  /** SIGKILL, to all of its processes. */
  kill: () => void;
}
