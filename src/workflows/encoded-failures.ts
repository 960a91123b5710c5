import { DefaultFailureConverter } from '@temporalio/common';

/** Puts a failure's message and stack into a payload, which is encrypted. For workers and clients that encrypt. */
export const failureConverter = new DefaultFailureConverter({ encodeCommonAttributes: true });
