import type { FailureKind } from './exit-codes';

const connection = new Set([
  'ConnectionFailed',
  'ConnectionLost',
  'AuthenticationFailed',
  'TlsFailed',
  'UnknownDatabase',
  'ReadOnly',
]);
const configuration = new Set([
  'Configuration',
  'PermissionDenied',
  'MissingObject',
  'UnknownSync',
  'InvalidInput',
]);

/** The exit that a failure's type leads to, as databases (src/postgres/sqlstate.ts) and activities (to-failure.ts) name them. */
export function kindOfFailure(type: string): FailureKind | undefined {
  if (connection.has(type)) return 'connection';
  if (configuration.has(type)) return 'configuration';
  if (type === 'NotNow') return 'notNow';
  if (type === 'Differences') return 'differences';
  return type === 'Drift' || type === 'DeletesRefused' ? 'drift' : undefined;
}
