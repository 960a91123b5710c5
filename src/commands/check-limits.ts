import type { Config } from '../config/config';
import { describeHours } from '../plan/hours';
import { type Finding, info } from './finding';
import { formatCount } from './format';
import { placeOf } from './with-session';

/** How the source is spared, by the configuration. */
export function checkLimits(config: Config): Finding {
  const { maxConnections, maxRowsPerSecond, hours } = config.source;
  const limits = [
    `on at most ${maxConnections === 1 ? '1 connection' : `${formatCount(maxConnections)} connections`}`,
    ...(maxRowsPerSecond === undefined ? [] : [`at most ${formatCount(maxRowsPerSecond)} rows per second`]),
    ...(hours ? [`only from ${describeHours(hours)}`] : []),
  ];
  return info(placeOf(config, 'source'), `a run reads it ${limits.join(', ')}, over all workers`);
}
