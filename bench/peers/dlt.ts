import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { bare, type Peer, program } from './peer';

const VERSION = '1.31.0';
const CHUNK_ROWS = 100_000;

const SCRIPT = `
import os, sys, dlt
from dlt.sources.sql_database import sql_table
table, cursor, key, backend, folder = sys.argv[1:]
options = {'return_type': 'arrow', 'protocol': 'binary'} if backend == 'connectorx' else None
resource = sql_table(credentials=os.environ['BENCH_SOURCE'], schema='public', table=table, backend=backend,
    backend_kwargs=options, chunk_size=${CHUNK_ROWS}, reflection_level='full',
    incremental=dlt.sources.incremental(cursor))
resource.apply_hints(primary_key=key.split(','),
    write_disposition={'disposition': 'merge', 'strategy': 'upsert'})
pipeline = dlt.pipeline(table, pipelines_dir=folder, dataset_name='dlt',
    destination=dlt.destinations.postgres(os.environ['BENCH_DESTINATION']))
pipeline.run(resource)
`;

/** ConnectorX is its fastest way to read, but fails on arrays. */
export const dlt: Peer = {
  name: 'dlt',
  version: VERSION,
  mode: 'merge, upsert',
  stages: true,
  packages: {
    dlt: [`dlt[postgres,sql-database]==${VERSION}`, 'pyarrow==26.0.1', 'connectorx==0.4.6'],
  },
  quiet: { RUNTIME__DLTHUB_TELEMETRY: 'false' },
  schema: 'dlt',
  prepare: ({ table, installed, folder, source, destination }) => {
    const script = path.join(folder, 'load.py');
    writeFileSync(script, SCRIPT);
    const backend = table.definition.includes('[]') ? 'pyarrow' : 'connectorx';
    return {
      command: program(installed, 'dlt', 'python'),
      args: [script, bare(table), table.cursor, table.key.join(','), backend, path.join(folder, 'state')],
      env: {
        BENCH_SOURCE: source.replace(/^postgresql:/, 'postgresql+psycopg2:'),
        BENCH_DESTINATION: destination,
        // What its page on performance advises where the disk is not what is slow.
        NORMALIZE__DATA_WRITER__DISABLE_COMPRESSION: 'true',
      },
    };
  },
};
