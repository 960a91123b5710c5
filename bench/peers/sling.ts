import { bare, type Peer } from './peer';

const VERSION = '1.4.11';

/** The last version whose package holds the program itself: later ones download it when they first run. */
export const sling: Peer = {
  name: 'sling',
  version: VERSION,
  mode: 'incremental',
  stages: true,
  packages: { sling: [`sling-linux-amd64==${VERSION}`] },
  quiet: { SLING_DISABLE_TELEMETRY: 'true' },
  schema: 'sling',
  prepare: ({ table, installed, folder, source, destination }) => ({
    // The package holds a program for Linux and has no command of its own.
    command: 'bash',
    args: [
      '-c',
      'exec "$0"/lib/python3*/site-packages/sling_linux_amd64/bin/sling-linux-amd64 "$@"',
      installed.sling ?? '',
      'run',
      ...['--src-conn', 'BENCH_SOURCE', '--src-stream', table.name],
      ...['--tgt-conn', 'BENCH_DESTINATION', '--tgt-object', `sling.${bare(table)}`],
      ...['--mode', 'incremental', '--primary-key', table.key.join(','), '--update-key', table.cursor],
    ],
    env: {
      SLING_HOME_DIR: folder,
      BENCH_SOURCE: `${source}?sslmode=disable`,
      BENCH_DESTINATION: `${destination}?sslmode=disable`,
    },
  }),
};
