import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { historyFromJSON } from '@temporalio/common/lib/proto-utils';
import {
  bundleWorkflowCode,
  DefaultLogger,
  ReplayError,
  Runtime,
  Worker,
  type WorkflowBundleWithSourceMap,
} from '@temporalio/worker';

/* Histories of released workflow code. A change that makes one of them fail would break runs under way: it needs
 * patched() in the workflow (Temporal: TypeScript SDK, Versioning), not a new recording. */
const folder = path.join(__dirname, 'histories');
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
  file.endsWith('.json'),
);

let workflowBundle: WorkflowBundleWithSourceMap;

beforeAll(async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  workflowBundle = await bundleWorkflowCode({
    workflowsPath: path.resolve(__dirname, '../../src/workflows/index.ts'),
    logger: new DefaultLogger('ERROR'),
  });
});

/** Replays a history, and returns why it could not be. */
async function replay(workflowId: string, history: unknown): Promise<ReplayError | undefined> {
  const runs = Worker.runReplayHistories({ workflowBundle }, [
    { workflowId, history: historyFromJSON(history) },
  ]);
  for await (const { error } of runs) return error;
  throw new Error('nothing was replayed');
}

interface RecordedEvent {
  activityTaskScheduledEventAttributes?: { activityType: { name: string }; activityId: string };
}

function read(file: string): { events: RecordedEvent[] } {
  return JSON.parse(readFileSync(path.join(folder, file), 'utf8')) as { events: RecordedEvent[] };
}

describe('recorded histories', () => {
  it('are there for every scenario', () => {
    const scenarios = [
      'first-load',
      'incremental',
      'failed-table',
      'pause',
      'cancel',
      'continue-as-new',
      'resume-after-kill',
    ];
    const recorded = new Set(files.map((file) => path.basename(file).split('.')[0]));
    expect([...recorded].sort()).toEqual(scenarios.sort());
  });

  it.each(files)('%s is replayed', async (file) => {
    expect(await replay(workflowIdOf(file), read(file))).toBeUndefined();
  });

  it('fail once they are altered', async () => {
    const file = files.find((name) => name.includes('first-load.readings')) ?? '';
    const history = read(file);
    const copied = history.events.find(
      ({ activityTaskScheduledEventAttributes: scheduled }) => scheduled?.activityType.name === 'copyBatch',
    );
    if (!copied?.activityTaskScheduledEventAttributes) throw new Error('the history holds no batch');
    copied.activityTaskScheduledEventAttributes.activityType.name = 'completeTable';
    expect(await replay(workflowIdOf(file), history)).toBeInstanceOf(ReplayError);
  });
});

function workflowIdOf(file: string): string {
  return `tidemark:replayed/${path.basename(file, '.json')}`;
}
