import type { Table } from '../tables';

/** A tool that copies tables as Tidemark does, how it is installed and how it is run. */
export interface Peer {
  name: string;
  /** Of the package that is compared. */
  version: string;
  /** How it loads, in a few words. */
  mode: string;
  /** Whether its rows go to a file or another table first. */
  stages: boolean;
  /** What pip installs, by the name of the virtual environment: one suffices unless its parts do not go together. */
  packages: Record<string, string[]>;
  /** Turns off what it would send to others. */
  quiet: NodeJS.ProcessEnv;
  /** Where its tables go at the destination. */
  schema: string;
  /** Writes what one load of a table needs into its folder; the command also has to go on after a crash. */
  prepare: (job: Job) => Command;
}

export interface Job {
  table: Table;
  /** The virtual environments' folders, by name. */
  installed: Record<string, string>;
  /** Its own for this table: empty before a first load, as it was left after a crash. */
  folder: string;
  /** postgresql://… with the password: for environment and files, not for arguments, which others can see. */
  source: string;
  destination: string;
}

export interface Command {
  command: string;
  args: string[];
  env?: NodeJS.ProcessEnv;
}

/** A name without its schema. */
export function bare(table: Table): string {
  return table.name.replace(/^.*\./, '');
}

/** The program of a virtual environment. */
export function program(installed: Job['installed'], environment: string, name: string): string {
  return `${installed[environment] ?? ''}/bin/${name}`;
}
