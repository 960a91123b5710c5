export function runResync(_o: unknown): Promise<number> { return Promise.resolve(0); }
