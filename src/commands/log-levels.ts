/** From the most to the least. */
export const logLevels = ['trace', 'debug', 'info', 'warn', 'error'] as const;
