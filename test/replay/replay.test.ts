import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import {
  bundleWorkflowCode,
  DefaultLogger,
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
    workflowInterceptorModules: [path.resolve(__dirname, '../../src/workflows/interceptors.ts')],
    payloadConverterPath: path.resolve(__dirname, '../../src/workflows/payload-converter.ts'),
    logger: new DefaultLogger('ERROR'),
  });
});

interface RecordedEvent {
  activityTaskScheduledEventAttributes?: { activityType: { name: string } };
}
interface RecordedHistory {
  events: [{ workflowExecutionStartedEventAttributes: { workflowId: string } }, ...RecordedEvent[]];
}

/** Replays a history, and returns why it could not be. */
async function replay(history: RecordedHistory): Promise<Error | undefined> {
  const [{ workflowExecutionStartedEventAttributes: started }] = history.events;
  const runs = Worker.runReplayHistories({ workflowBundle }, [{ workflowId: started.workflowId, history }]);
  for await (const { error } of runs) return error;
  throw new Error('nothing was replayed');
}

function read(file: string): RecordedHistory {
  return JSON.parse(readFileSync(path.join(folder, file), 'utf8')) as RecordedHistory;
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
      'reconcile',
      'deletes-refused',
      'reconcile-in-sync',
      'closed',
      'steer',
      'alarms',
    ];
    const recorded = new Set(files.map((file) => path.basename(file).split('.')[0]));
    expect([...recorded].sort()).toEqual(scenarios.sort());
  });

  it.each(files)('%s is replayed', async (file) => {
    expect(await replay(read(file))).toBeUndefined();
  });

  it('fail once they are altered', async () => {
    const file = files.find((name) => name.includes('first-load.readings')) ?? '';
    const history = read(file);
    const copied = (history.events as RecordedEvent[]).find(
      (event) => event.activityTaskScheduledEventAttributes?.activityType.name === 'copyBatch',
    );
    if (!copied?.activityTaskScheduledEventAttributes) throw new Error('the history holds no batch');
    copied.activityTaskScheduledEventAttributes.activityType.name = 'completeTable';
    expect((await replay(history))?.name).toBe('DeterminismViolationError');
  });
});
