import type { Config, TemporalConfig } from '../config/config';

/** How to reach a sync's Temporal, and what it stores encrypted: the configured one, else the embedded server there. */
export function temporalOf({ temporal, encryption }: Config, embeddedAddress = ''): TemporalConfig {
  return {
    ...(temporal ?? { address: embeddedAddress, namespace: 'default' }),
    ...(encryption && { encryption }),
  };
}
