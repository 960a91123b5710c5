import type { Config } from '../config/config';
import { CommandError } from './command-error';
import { withSession } from './with-session';

/** Fails at once where a run would retry for ever. With a configured Temporal the worker may reach what we cannot. */
export async function preflight(config: Config, say: (line: string) => void): Promise<void> {
  for (const end of ['source', 'destination'] as const) {
    try {
      await withSession(config, end, (client) => client.query('SELECT'));
    } catch (error) {
      if (!config.temporal || !(error instanceof CommandError) || error.kind !== 'connection') throw error;
      say(`From here: ${error.message}. ${error.remedy} The run goes on if its worker reaches it.`);
    }
  }
}
