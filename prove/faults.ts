import { syncWorkflowId } from '../src/plan/workflow-ids';
import type { sync } from '../src/workflows';
import { until } from '../test/support/poll';
import type { End } from './arena';
import type { Fault, FaultKind } from './plan';
import type { Scene, SceneWorker } from './scene';
import { keepWorking, lasting, later, patiently, release, type Theatre } from './theatre';

/** How long a batch may take to come to a moment, and an answer to get lost. */
export const AIM_MS = 8_000;
/** Past the heartbeat timeout. */
const PAUSE_MS = 12_000;
/** Until the batch was tried again elsewhere. */
const LONG_PAUSE_MS = 17_000;

type Injection = (theatre: Theatre, fault: Fault, held: SceneWorker | undefined) => Promise<unknown>;

export const faults: Record<FaultKind, Injection> = {
  'worker killed': async (theatre, fault, held) => {
    await (held ?? anyWorker(theatre, fault))?.process.kill('SIGKILL');
    await keepWorking(theatre);
  },
  'worker paused': async (theatre, fault, held) => {
    const worker = held ?? anyWorker(theatre, fault);
    if (!worker) return;
    await worker.process.kill('SIGSTOP');
    worker.paused = true;
    const wake = async () => {
      worker.paused = false;
      await worker.process.kill('SIGCONT');
    };
    await keepWorking(theatre);
    later(theatre, wake, fault.choice % 2 === 0 ? PAUSE_MS : LONG_PAUSE_MS);
  },
  'source session ended': ({ scene }) => endSessions(scene, 'source'),
  'destination session ended': ({ scene }) => endSessions(scene, 'destination'),
  'source crashed': ({ scene }) => crash(scene, 'source'),
  'destination crashed': ({ scene }) => crash(scene, 'destination'),
  'Temporal killed': async ({ scene }) => scene.arena.restartTemporal(),
  'Temporal cut': ({ scene }) => cut(scene, 'temporal'),
  'Temporal half open': ({ scene }) => halfOpen(scene, 'temporal'),
  'source cut': ({ scene }) => cut(scene, 'source'),
  'destination cut': ({ scene }) => cut(scene, 'destination'),
  'source half open': ({ scene }) => halfOpen(scene, 'source'),
  'destination half open': ({ scene }) => halfOpen(scene, 'destination'),
  'source slow': (theatre, fault) => slow(theatre, fault, 'source'),
  'destination slow': (theatre, fault) => slow(theatre, fault, 'destination'),
  'answer to COMMIT lost': async ({ scene }, _, held) => {
    const lost = scene.arena.loseAnswer();
    // The worker that stands still is to send it.
    if (held) release(scene.hold);
    await until(lost, { timeout: AIM_MS }).catch(() => undefined);
  },
  'disk full': (theatre, fault) => {
    const filler = theatre.scene.arena.fillDisk?.();
    if (!filler) return Promise.resolve();
    const free = async () => {
      filler.free();
      // Without room for its log the server ends, and may not come back by itself.
      await theatre.scene
        .query('destination', 'SELECT')
        .catch(() => theatre.scene.arena.servers.destination.restart());
    };
    later(theatre, free, fault.forMs);
    return Promise.resolve();
  },
  'source away': (theatre, fault) => away(theatre, fault, 'source'),
  'destination away': (theatre, fault) => away(theatre, fault, 'destination'),
  'timeouts tiny': async (theatre, fault) => {
    const { scene } = theatre;
    const names = ['statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout'];
    for (const end of ['source', 'destination'] as const) {
      const alter = (change: (name: string) => string) =>
        scene.arena.command(end, ...names.map((name) => `ALTER DATABASE ${scene.name} ${change(name)}`));
      await patiently(() => alter((name) => `SET ${name} = '2ms'`));
      const reset = () => alter((name) => `RESET ${name}`);
      later(theatre, reset, fault.forMs);
      await endSessions(scene, end);
    }
  },
  'table locked': async (theatre, fault) => {
    const { scene } = theatre;
    const table = pickTable(theatre, fault);
    const client = await scene.connect('destination');
    const lock = `BEGIN; SET LOCAL lock_timeout = '3s'; LOCK TABLE ${table} IN ACCESS EXCLUSIVE MODE`;
    const locked = await client.query(lock).catch(() => undefined);
    const unlock = () => client.end();
    if (!locked) return unlock();
    later(theatre, unlock, fault.forMs);
    return undefined;
  },
  'column added': async (theatre, fault) => {
    const { scene, writers } = theatre;
    const name = pickTable(theatre, fault);
    const columns = writers.added.get(name) ?? [];
    const column = { name: `added${columns.length}`, type: 'text', value: `'added' || n` };
    await alterSource(scene, `ALTER TABLE ${name} ADD COLUMN ${column.name} ${column.type}`);
    writers.added.set(name, [...columns, column]);
  },
  'table renamed': async (theatre, fault) => {
    const table = pickTable(theatre, fault);
    const rename = (from: string, to: string) =>
      alterSource(theatre.scene, `ALTER TABLE ${from} RENAME TO ${to.replace('public.', '')}`);
    await rename(table, `${table}_away`);
    await lasting(theatre, () => rename(`${table}_away`, table), fault.forMs);
  },
  'table dropped': async (theatre, fault) => {
    const { scene, dropped } = theatre;
    const table = pickTable(theatre, fault);
    if (dropped.size > 0) return;
    await alterSource(scene, `DROP TABLE ${table}`);
    dropped.add(table);
  },
  'second run': async (theatre) => startOther(theatre, theatre.scene.arena.temporalAddress),
  'second Temporal': async (theatre) => {
    const address = await theatre.scene.arena.otherTemporal();
    await startOther(theatre, address);
    await keepWorking(theatre);
  },
};

/** A worker that runs, of this sync's own Temporal or the other's. */
function anyWorker({ scene }: Theatre, { choice }: Fault): SceneWorker | undefined {
  const alive = scene.workers.filter(({ process, paused }) => process.ended === undefined && !paused);
  return alive[choice % Math.max(1, alive.length)];
}

function pickTable({ scene, dropped }: Theatre, { choice }: Fault): string {
  const there = scene.tables.filter(({ name }) => !dropped.has(name));
  return (there[choice % there.length] as (typeof there)[number]).name;
}

/**
 * A session of a half-open connection keeps its locks until its server hears that nobody is there: it is ended as that
 * would. A deadlock with the writers is tried again.
 */
async function alterSource(scene: Scene, statement: string): Promise<void> {
  const alter = async (): Promise<void> => {
    const client = await scene.connect('source');
    try {
      await client.query(`SET lock_timeout = '5s'; ${statement}`);
    } finally {
      await client.end();
    }
  };
  await patiently(() => alter().catch(() => endSessions(scene, 'source').then(alter)));
}

function endSessions(scene: Scene, end: End): Promise<void> {
  const ours = `application_name LIKE 'tidemark%' AND datname = '${scene.name}'`;
  const sql = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE ${ours}`;
  return patiently(() => scene.arena.command(end, sql));
}

/** PostgreSQL's immediate shutdown, which is a crash to it: it recovers from its log when it starts. */
async function crash({ arena }: Scene, end: End): Promise<void> {
  await arena.servers[end].kill('SIGQUIT');
  await arena.servers[end].restart();
}

async function away(theatre: Theatre, fault: Fault, end: End): Promise<void> {
  const server = theatre.scene.arena.servers[end];
  await server.stop();
  await lasting(theatre, () => server.restart(), fault.forMs);
}

function cut({ arena }: Scene, end: keyof Scene['arena']['proxies']): Promise<void> {
  arena.proxies[end].cutAll();
  return Promise.resolve();
}

/** For good, as when a machine between them is gone: nobody is told, and new connections pass. */
function halfOpen({ arena }: Scene, end: keyof Scene['arena']['proxies']): Promise<void> {
  for (const link of arena.proxies[end].links) link.freeze();
  return Promise.resolve();
}

function slow(theatre: Theatre, fault: Fault, end: End): Promise<void> {
  const proxy = theatre.scene.arena.proxies[end];
  proxy.delayMs = 20 + (fault.choice % 200);
  const heal = () => void (proxy.delayMs = 0);
  later(theatre, heal, fault.forMs);
  return Promise.resolve();
}

async function startOther({ scene, others }: Theatre, address: string): Promise<void> {
  const client = await scene.arena.client(address);
  const workflowId = `${syncWorkflowId(scene.name)}:other-${others.length}`;
  await client.workflow.start<typeof sync>('sync', {
    ...{ workflowId, taskQueue: scene.name, args: [{ sync: scene.name }] },
  });
  others.push({ workflowId, address });
  await client.connection.close();
}
