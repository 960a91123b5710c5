import { type Closed, closedAt } from '../plan/hours';
import { type Dependencies, resourcesOf } from './dependencies';

/** The source's hours ended before it was read. */
class OutsideHours extends Error {
  constructor(readonly answer: Closed) {
    super("outside the source's hours");
  }
}

/** An activity that reads the source: outside its hours it answers when they begin, and reads nothing. */
export function withinHours<Input extends { sync: string }, Result>(
  activity: (dependencies: Dependencies, input: Input) => Promise<Result>,
): (dependencies: Dependencies, input: Input) => Promise<Result | Closed> {
  return async (dependencies, input) => {
    try {
      refuseOutsideHours(dependencies, input.sync);
      return await activity(dependencies, input);
    } catch (error) {
      if (error instanceof OutsideHours) return error.answer;
      throw error;
    }
  };
}

/** For whoever waited before it reads. Throws what {@link withinHours} answers. */
export function refuseOutsideHours(dependencies: Dependencies, sync: string): void {
  const { hours } = resourcesOf(dependencies, sync).config.source;
  const closed = hours && closedAt(hours, (dependencies.now ?? Date.now)());
  if (closed) throw new OutsideHours(closed);
}
