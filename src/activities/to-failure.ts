import { ApplicationFailure, CancelledFailure, CompleteAsyncError } from '@temporalio/activity';
import { PlanOvertaken } from '../destination/store-plan';
import { Drift } from '../destination/drift';
import { DeletesRefused } from '../destination/deletes-refused';
import { Superseded } from '../destination/lock-interval';
import { IntervalBusy } from '../destination/patient-lock';
import { oneLine } from '../plan/one-line';
import { describeError, type ErrorPlace } from '../postgres/describe-error';
import { IdentifierError } from '../postgres/identifiers';
import { ChunkChanged } from './batch-chunks';
import { PartitionMissing } from './make-partitions';
import { Problem } from './problem';

/**
 * An error as it may leave an activity and stay in history: in our own words, with no value, secret or stack of the
 * server's. Whether Temporal tries again is decided here, by src/postgres/sqlstate.ts.
 */
export function toFailure(error: unknown, place: ErrorPlace): Error {
  if (
    error instanceof ApplicationFailure ||
    error instanceof CancelledFailure ||
    error instanceof CompleteAsyncError
  )
    return error;
  const where = place.interval === undefined ? '' : `, interval ${place.interval}`;
  if (error instanceof Problem) return stop(error.type, `${error.message}. ${error.remedy}`);
  if (error instanceof IdentifierError)
    return stop('Configuration', `${error.message}. Write the name as in SQL, such as public.sensor_data.`);
  if (error instanceof Drift) return stop('Drift', error.message);
  if (error instanceof DeletesRefused) return stop('DeletesRefused', error.message);
  if (error instanceof Superseded)
    return stop(
      'Superseded',
      `${error.message}: that run copies the table from here on${where}. Nothing is lost: look at that run, or start this one again once it has ended.`,
    );
  if (
    error instanceof IntervalBusy ||
    error instanceof PlanOvertaken ||
    error instanceof ChunkChanged ||
    error instanceof PartitionMissing
  ) {
    return ApplicationFailure.create({
      type: 'Conflict',
      message: `${error.message}. It is tried again by itself.`,
    });
  }
  const { message, remedy, type, retryable, code, names } = describeError(error, place);
  return ApplicationFailure.create({
    type,
    message: oneLine(`${message}. ${remedy}`),
    nonRetryable: !retryable,
    details: [{ ...(code !== undefined && { code }), ...names }],
  });
}

function stop(type: string, message: string): ApplicationFailure {
  return ApplicationFailure.create({ type, message: oneLine(message), nonRetryable: true });
}
