/** Why Temporal cannot be reached, in words. */
export class TemporalUnreachable extends Error {
  readonly remedy =
    'Check temporal.address or TEMPORAL_ADDRESS, TLS and the API key; without either Tidemark runs a server of its own.';

  constructor(address: string, cause: unknown) {
    super(`Temporal at ${address} cannot be reached (${reasonOf(cause)})`);
  }
}

/** The native core's errors are dumps of its own structures: what counts is picked out of them. */
const reasons: readonly (readonly [RegExp, string])[] = [
  [/refused/i, 'nothing listens there'],
  [/dns|ENOTFOUND|resol/i, 'the host is unknown'],
  [/certificate|tls|ssl/i, 'TLS was refused'],
  [/unauthori[sz]ed|unauthenticated|permission|jwt/i, 'the credentials were refused'],
  [/namespace/i, 'there is no such namespace'],
  [/deadline|timed? ?out/i, 'it does not answer'],
];

function reasonOf(cause: unknown): string {
  const message =
    cause instanceof Error
      ? `${cause.message} ${cause.cause instanceof Error ? cause.cause.message : ''}`
      : '';
  return reasons.find(([pattern]) => pattern.test(message))?.[1] ?? 'no connection';
}
