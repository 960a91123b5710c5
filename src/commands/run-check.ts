export function runCheck(_o: unknown): Promise<number> { return Promise.resolve(0); }
