import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { keepLastRun } from '../../src/commands/last-run';
import { embeddedFolder } from '../../src/commands/open-temporal';
import { readRunStatus } from '../../src/commands/run-state';
import { loadConfig } from '../../src/config/load';
import { folderWith } from './cli';

it.each([
  ['cancelled', { type: 'Cancelled', message: 'the run was cancelled' }, /UTC, cancelled$/],
  ['failed', { type: 'SyncIncomplete', message: '1 of 2 tables' }, /UTC with a failure$/],
  ['completed', undefined, /UTC$/],
] as const)(
  'of an embedded server that is down it is known that the last run %s',
  async (state, failure, says) => {
    const folder = await folderWith({
      'tidemark.yaml': JSON.stringify({
        name: 'plant',
        source: { url: 'postgres://reader@127.0.0.1:1/plant' },
        destination: { url: 'postgres://writer@127.0.0.1:1/analytics' },
        tables: ['t'],
      }),
    });
    const config = await loadConfig(path.join(folder, 'tidemark.yaml'), {});
    await mkdir(embeddedFolder(config));
    await keepLastRun(config, failure ? { failure } : { summary: { sync: 'plant', ok: true, tables: [] } });
    const status = await readRunStatus(config);
    expect(status).toMatchObject({ state, error: failure?.message ?? null });
    expect(status.text).toMatch(says);
  },
);
