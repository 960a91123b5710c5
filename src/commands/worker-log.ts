import { isColoured } from './colours';
import pino, { type Logger } from 'pino';

/** The worker's log, on stderr: for people on a terminal, as JSON lines elsewhere. Without a level LOG_LEVEL has it. */
export function openLog(json: boolean, level = levelOf(process.env['LOG_LEVEL'])): Logger {
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
  };
  if (json || !process.stderr.isTTY) return pino(options, pino.destination({ dest: 2, sync: true }));
  return pino({
    ...options,
    transport: {
      target: 'pino-pretty',
      options: {
        destination: 2,
        sync: true,
        translateTime: 'HH:MM:ss',
        colorize: isColoured(process.stderr),
      },
    },
  });
}

function levelOf(wanted: string | undefined): string {
  const level = wanted?.toLowerCase() ?? 'info';
  return level in pino.levels.values ? level : 'info';
}
