import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { bare, type Peer, program } from './peer';

const TAP = '0.10.0';
const TARGET = '0.8.1';

/** What `meltano run` does: chooses the stream, pipes the tap into the target, and hands the last state on. */
const SCRIPT = `
set -euo pipefail
cd "$1"
"$2" --config tap.json --discover > discovered.json
"$3" choose.py < discovered.json > catalog.json
touch states.jsonl
tail -n 1 states.jsonl > state.json
test -s state.json || echo '{}' > state.json
"$2" --config tap.json --catalog catalog.json --state state.json | "$4" --config target.json >> states.jsonl
`;

const choose = (table: string, cursor: string) => `
import json, sys
streams = [s for s in json.load(sys.stdin)['streams'] if s['table_name'] == '${table}']
for stream in streams:
    stream.update(replication_method='INCREMENTAL', replication_key='${cursor}')
    for entry in stream['metadata']:
        entry['metadata']['selected'] = True
        if not entry['breadcrumb']:
            entry['metadata'].update({'replication-method': 'INCREMENTAL', 'replication-key': '${cursor}'})
json.dump({'streams': streams}, sys.stdout)
`;

/** The two need different versions of what they share, so each has its environment, as under Meltano. */
export const meltano: Peer = {
  name: "Meltano's tap and target",
  version: `${TAP} and ${TARGET}`,
  mode: 'upsert, COPY',
  stages: false,
  packages: {
    'meltanolabs-tap-postgres': [`meltanolabs-tap-postgres==${TAP}`],
    'meltanolabs-target-postgres': [`meltanolabs-target-postgres==${TARGET}`],
  },
  quiet: { MELTANO_SEND_ANONYMOUS_USAGE_STATS: 'false' },
  schema: 'meltano',
  prepare: ({ table, installed, folder, source, destination }) => {
    const write = (name: string, content: string | object) =>
      writeFileSync(path.join(folder, name), typeof content === 'string' ? content : JSON.stringify(content));
    write('tap.json', { ...address(source), filter_schemas: ['public'] });
    write('target.json', {
      ...address(destination),
      default_target_schema: 'meltano',
      load_method: 'upsert',
      use_copy: true,
      validate_records: false,
      add_record_metadata: false,
      activate_version: false,
    });
    write('choose.py', choose(bare(table), table.cursor));
    const tap = program(installed, 'meltanolabs-tap-postgres', 'tap-postgres');
    const python = program(installed, 'meltanolabs-tap-postgres', 'python');
    const target = program(installed, 'meltanolabs-target-postgres', 'target-postgres');
    return { command: 'bash', args: ['-c', SCRIPT, 'meltano', folder, tap, python, target] };
  },
};

function address(url: string): object {
  const { hostname, port, username, password, pathname } = new URL(url);
  const database = pathname.slice(1);
  return { host: hostname, port: Number(port), user: username, password, database };
}
