import type { Payload } from '@temporalio/common';
import { Unreadable } from '../plan/read-input';
import { payloadConverter } from './payload-converter';

/** The header in which a client's trace comes; see @temporalio/interceptors-opentelemetry. */
const TRACE_HEADER = '_tracer-data';

/** Whether there is a trace in the headers. Of one that is not JSON the interceptors throw, at every attempt. */
export function hasTrace(headers: Record<string, Payload>): boolean {
  const header = headers[TRACE_HEADER];
  return header !== undefined && !(payloadConverter.fromPayload(header) instanceof Unreadable);
}
