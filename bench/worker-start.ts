import { seconds } from './goals';
import { type Bench, measure, type Result, startWorker } from './measure';
import { sensors } from './tables';

/** From the start of `tidemark worker`, the process, to its first poll. */
export function workerStart(bench: Bench, name: string, most: number): Promise<Result> {
  const tidemark = async (round: number): Promise<number> => {
    const worker = await startWorker(bench, `${name}-${round}`, [sensors]);
    await worker.stop();
    return worker.startSeconds;
  };
  return measure(bench, name, {
    rows: 0,
    ways: { tidemark },
    goal: seconds(most),
    peak: () => undefined,
  });
}
