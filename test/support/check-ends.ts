import { checkDestination } from '../../src/commands/check-destination';
import { checkSource } from '../../src/commands/check-source';
import { type Finding, findingsOf } from '../../src/commands/finding';
import { withSession } from '../../src/commands/with-session';
import type { Config } from '../../src/config/config';

/** What `check` says, without what it says of Temporal. */
export async function checkEnds(config: Config): Promise<Finding[]> {
  try {
    const source = await withSession(config, 'source', (client) => checkSource(client, config));
    const destination = await withSession(config, 'destination', (client) =>
      checkDestination(client, config, source.tables),
    );
    return [...source.findings, ...destination];
  } catch (error) {
    return findingsOf(error, '');
  }
}
