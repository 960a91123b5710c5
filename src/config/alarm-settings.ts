import { z } from 'zod';
import { object } from './strict-object';
import { positiveDuration, webUrl } from './values';

export const alarms = object({
  webhook: webUrl.describe(
    'URL to which changes are posted. It is a secret, better taken from the environment: `${ALARM_WEBHOOK}`.',
  ),
  format: z
    .enum(['json', 'slack'], { error: 'there is no such format|Write json or slack' })
    .prefault('json')
    .describe(
      '`json`: `{"sync", "alarms": [{"table", "health", "before", "message"}]}`; `slack`: a message as Slack takes it.',
    ),
  lag: positiveDuration
    .optional()
    .describe(
      'How far a watermark may stay behind the present, whether runs come or not: more than the time from one run to the next, `settleDelay` and a run together. Default: however far.',
    ),
  stall: positiveDuration
    .prefault('15 minutes')
    .describe('How long a run of a table may go without copying a batch.'),
});
