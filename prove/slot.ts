import { startArena } from './arena';
import { proveRun, type RunOrder, type RunResult } from './run';

/** What a slot answers: first that it is ready, then to each order. */
export type SlotAnswer =
  | { ready: { version: string; hypertables: boolean; disk: boolean } }
  | { result: RunResult }
  | { error: string };

/** A process of its own, with servers of its own: takes one run after another. Its first argument is a folder of PostgreSQL's binaries. */
async function main(): Promise<void> {
  const answer = (message: SlotAnswer): void => void process.send?.(message);
  const [postgresBin] = process.argv.slice(2).filter(Boolean);
  const arena = await startArena({ postgresBin });
  process.on('message', (order: RunOrder) => {
    proveRun(arena, order).then(
      (result) => answer({ result }),
      (error: unknown) => answer({ error: describe(error) }),
    );
  });
  process.on('disconnect', () => process.exit(0));
  const { version, hypertables, fillDisk } = arena;
  answer({ ready: { version, hypertables, disk: fillDisk !== undefined } });
}

function describe(error: unknown): string {
  return error instanceof Error
    ? [error.stack ?? error.message, error.cause === undefined ? '' : describe(error.cause)]
        .filter(Boolean)
        .join('\n')
    : String(error);
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130));
main().catch((error: unknown) => {
  process.send?.({ error: describe(error) } satisfies SlotAnswer, () => process.exit(1));
});
