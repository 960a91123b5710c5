/**
 * Records the histories that test/replay/replay.test.ts replays, by running scenarios against real servers:
 * `npm run record -- [scenario…]`. Run it on code that is about to be released, and add what it writes; a recorded
 * history is never changed or taken away afterwards, since runs of that release may still be under way somewhere.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Client } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils';
import { version } from '../../package.json';
import { stopEmbedded, temporaryFolder } from '../../src/embedded/guarded-process';
import { startPostgres } from '../../src/embedded/postgres';
import { startTemporal } from '../../src/embedded/temporal';
import { publishAddresses } from '../support/servers';
import { scenarios } from './scenarios';

const folder = path.join(__dirname, 'histories', version);

async function record(): Promise<void> {
  const temporary = temporaryFolder();
  const postgres = await startPostgres({ folder: path.join(temporary, 'postgres'), durable: false });
  const temporal = await startTemporal({
    folder: path.join(temporary, 'temporal'),
    settings: { 'limit.historyCount.suggestContinueAsNew': '150' },
  });
  publishAddresses(postgres, temporal);
  mkdirSync(folder, { recursive: true });
  const wanted = process.argv.slice(2);
  for (const scenario of scenarios.filter(({ name }) => wanted.length === 0 || wanted.includes(name))) {
    const { client, workflowIds, close } = await scenario.run();
    for (const [label, workflowId] of Object.entries(workflowIds))
      await save(client, `${scenario.name}.${label}`, workflowId);
    await close();
    process.stderr.write(`recorded ${scenario.name}\n`);
  }
  await stopEmbedded();
}

/** Saves each execution of a workflow ID, the ones that continued as new included. */
async function save(client: Client, name: string, workflowId: string): Promise<void> {
  const executions = client.workflow.list({ query: `WorkflowId = '${workflowId}'` });
  let number = 0;
  for await (const { runId } of executions) {
    const history: unknown = JSON.parse(
      historyToJSON(await client.workflow.getHandle(workflowId, runId).fetchHistory()),
    );
    number += 1;
    const scrubbed = JSON.stringify(history, scrub, 1);
    writeFileSync(path.join(folder, `${name}${number > 1 ? `-${number}` : ''}.json`), `${scrubbed}\n`);
  }
}

/** Leaves out what tells of the machine that recorded it (`pid@host`); replay looks at none of it. */
function scrub(key: string, value: unknown): unknown {
  if (key === 'stackTrace') return undefined;
  return typeof value === 'string' ? value.replace(/\b\d+@[\w.-]+/g, 'recorder') : value;
}

void record();
