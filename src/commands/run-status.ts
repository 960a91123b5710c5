export function runStatus(_o: unknown): Promise<number> { return Promise.resolve(0); }
