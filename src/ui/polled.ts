/** What the last look came to. `value` is that of the last one that succeeded. */
export interface Latest<T> {
  state: 'ok' | 'failed' | 'pending';
  value: T | undefined;
  message: string | undefined;
  /** When it was begun, in milliseconds since the Unix epoch. */
  at: number | undefined;
}

export interface PolledOptions {
  /** The least time between two looks. A look that takes long is repeated more rarely, see {@link RESTS}. */
  everyMs: number;
  /** What an error is shown as. */
  describe: (error: unknown) => string;
}

/** After a look, this many times as long as it took nothing is asked: what is slow is not made slower by looking. */
const RESTS = 5;
/** How long one who asks waits for a look that is due. */
const PATIENCE_MS = 1_500;

/** Something that is looked at when somebody asks, never more often than it may be, and once for all who ask. */
export class Polled<T> {
  private latest: Latest<T> = { state: 'pending', value: undefined, message: undefined, at: undefined };
  private looking: Promise<void> | undefined;
  private dueAt = 0;

  constructor(
    private readonly look: () => Promise<T>,
    private readonly options: PolledOptions,
  ) {}

  async get(): Promise<Latest<T>> {
    if (!this.looking && Date.now() >= this.dueAt) this.looking = this.refresh();
    if (this.looking) await Promise.race([this.looking, afterPatience()]);
    return this.latest;
  }

  /** Ends when no look is under way any more. */
  async settled(): Promise<void> {
    await this.looking;
  }

  private async refresh(): Promise<void> {
    const at = Date.now();
    try {
      this.latest = { state: 'ok', value: await this.look(), message: undefined, at };
    } catch (error) {
      this.latest = { ...this.latest, state: 'failed', message: this.options.describe(error), at };
    } finally {
      const took = Date.now() - at;
      this.dueAt = Date.now() + Math.max(this.options.everyMs - took, RESTS * took);
      this.looking = undefined;
    }
  }
}

function afterPatience(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, PATIENCE_MS).unref());
}
