import { cancellationSignal } from '@temporalio/activity';
import { type Baseline, noteReconciled, readBaselines, settle } from '../destination/baselines';
import { type CursorKind, parseCursorValue } from '../plan/cursor-value';
import type { Difference } from '../plan/reconcile-wire';
import { withClient } from '../postgres/with-client';
import { boundInTicks } from './bounds';
import { type Dependencies, resourcesOf } from './dependencies';
import { observeRemaining } from './observe-comparison';
import { createPulse } from './pulse';

export interface CompleteReconcileInput {
  sync: string;
  table: string;
  kind: CursorKind;
  /** The comparison, as it noted what it saw. */
  seenBy: string;
  /** What was asked for; neither where that was the whole table. */
  from?: string;
  to?: string;
  /** What still differs, and what was not compared. */
  remaining: Pick<Difference, 'lower' | 'upper'>[];
}

/**
 * Takes the counters with which the comparison began for the next one's baseline, for every chunk that lies in what was
 * asked for and does not differ any more.
 */
export async function completeReconcile(
  dependencies: Dependencies,
  input: CompleteReconcileInput,
): Promise<void> {
  const { destination } = resourcesOf(dependencies, input.sync);
  const pulse = createPulse();
  const { kind } = input;
  const remaining = input.remaining.map(({ lower, upper }) => ({
    lower: parseCursorValue(kind, lower),
    upper: parseCursorValue(kind, upper),
  }));
  const from = input.from === undefined ? undefined : boundInTicks(kind, 'from', input.from);
  const to = input.to === undefined ? undefined : boundInTicks(kind, 'to', input.to);
  const isEqual = ({ chunk, lower, upper }: Baseline): boolean => {
    // '' is the whole of a table that has no chunks.
    if (chunk === '') return from === undefined && to === undefined && remaining.length === 0;
    const isWithin = (from === undefined || lower >= from) && (to === undefined || upper <= to);
    return isWithin && !remaining.some((rest) => rest.lower < upper && rest.upper > lower);
  };
  await pulse.while(
    withClient(destination, cancellationSignal(), async (writer) => {
      const settled = (await readBaselines(writer, input, kind)).filter(isEqual);
      await settle(
        writer,
        input,
        input.seenBy,
        settled.map(({ chunk }) => chunk),
      );
      if (from === undefined && to === undefined && remaining.length === 0)
        await noteReconciled(writer, input);
    }),
  );
  observeRemaining(dependencies, input, remaining.length);
}
