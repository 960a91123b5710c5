import { isGrpcServiceError, ServiceError } from '@temporalio/client';
import { TemporalUnreachable } from './temporal-unreachable';

/** What a call to Temporal, or a worker of it, threw: a {@link TemporalUnreachable} where it was Temporal that failed, and not what it ran. */
export function asUnreachable(address: string, error: unknown): unknown {
  const failed = error instanceof ServiceError || isGrpcServiceError(error) || isOfNativeCore(error);
  return failed ? new TemporalUnreachable(address, error) : error;
}

/** A worker's; told by its name, since its class comes with the native core, which few commands load. */
function isOfNativeCore(error: unknown): boolean {
  return error instanceof Error && error.name === 'TransportError';
}
