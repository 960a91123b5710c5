export function runInit(_o: unknown): Promise<number> { return Promise.resolve(0); }
