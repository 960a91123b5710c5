import { bare, type Peer, program } from './peer';

const VERSION = '0.15.9';

/** The last version whose package holds the program itself: later ones download it when they first run. */
export function ingestr(strategy: 'merge' | 'replace'): Peer {
  return {
    name: 'ingestr',
    version: VERSION,
    mode: strategy,
    stages: true,
    packages: { ingestr: [`ingestr==${VERSION}`] },
    quiet: { INGESTR_DISABLE_TELEMETRY: 'true' },
    schema: 'ingestr',
    prepare: ({ table, installed, source, destination }) => ({
      command: program(installed, 'ingestr', 'ingestr'),
      args: [
        'ingest',
        ...['--source-table', table.name, '--dest-table', `ingestr.${bare(table)}`],
        ...['--incremental-strategy', strategy, '--incremental-key', table.cursor],
        ...table.key.flatMap((column) => ['--primary-key', column]),
        ...['--yes', '--progress', 'log'],
      ],
      env: {
        SOURCE_URI: `${source}?sslmode=disable`,
        DESTINATION_URI: `${destination}?sslmode=disable`,
      },
    }),
  };
}
