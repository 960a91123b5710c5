export function runWorker(_o: unknown): Promise<number> { return Promise.resolve(0); }
