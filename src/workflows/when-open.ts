import { condition } from '@temporalio/workflow';
import type { Closed } from '../plan/hours';

/** After this it is asked again, since the hours may have been configured anew. */
const LONGEST_MS = 3_600_000;

/** Told when the source's hours begin, while they are waited for; then undefined. */
type ShowOpening = (opens: string | undefined) => void;

export function isClosed(answer: object): answer is Closed {
  return 'closed' in answer;
}

/** Asks an activity that reads the source, again and again until it is within the source's hours. */
export async function whenOpen<T extends object>(
  ask: () => Promise<T | Closed>,
  show: ShowOpening,
): Promise<T> {
  for (;;) {
    const answer = await ask();
    if (!isClosed(answer)) return answer;
    await untilOpen(answer, show, () => false);
  }
}

/** Sleeps until the source's hours begin, holding no worker; less where something stops it. Then the activity is asked again. */
export async function untilOpen(
  { closed }: Closed,
  show: ShowOpening,
  stopped: () => boolean,
): Promise<void> {
  show(closed.opens);
  try {
    const summary = `waiting for ${closed.opens}`;
    await condition(stopped, Math.min(closed.opensInMs, LONGEST_MS), { summary });
  } finally {
    show(undefined);
  }
}
