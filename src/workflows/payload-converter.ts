import { defaultPayloadConverter, type PayloadConverter } from '@temporalio/common';
import { Unreadable } from '../plan/read-input';

/**
 * JSON, as every SDK has it by default; but what cannot be read comes as {@link Unreadable}, which the schemas refuse.
 * Where a converter throws, a workflow's task fails and is tried again for ever, and with it the run that a foreign
 * client only sent a signal to. What cannot be decrypted is another matter: it never comes as far as here, and waits.
 * For workers, clients and the bundle of workflows.
 */
export const payloadConverter: PayloadConverter = {
  toPayload: (...args) => defaultPayloadConverter.toPayload(...args),
  fromPayload: (...args) => {
    try {
      return defaultPayloadConverter.fromPayload(...args);
    } catch {
      return new Unreadable() as never;
    }
  },
};
