/** Why Temporal cannot be reached, in words. */
export class TemporalUnreachable extends Error {
  readonly remedy =
    'Check temporal.address or TEMPORAL_ADDRESS, TLS and the API key; without either Tidemark runs a server of its own.';

  constructor(address: string, cause: unknown) {
    const reason = cause instanceof Error ? cause.message.split('\n')[0] : String(cause);
    super(`Temporal at ${address} cannot be reached (${reason})`);
  }
}
