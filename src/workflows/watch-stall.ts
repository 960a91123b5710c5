import { condition, patched } from '@temporalio/workflow';
import { tellWatch } from './tell-watch';

export interface Watching {
  sync: string;
  table: string;
  /** After so many milliseconds without a step a table's run has stalled. */
  stallMs: number;
  /** Another number with every step that it makes. */
  steps: () => number;
  /** It is paused, say, or an index is being built: no step is to be expected. */
  rests: () => boolean;
  ended: () => boolean;
}

/** Tells the sync's watch once when a table's run comes to a stop, and when it goes on. One timer at a time. */
export async function watchStall({ sync, table, stallMs, steps, rests, ended }: Watching): Promise<void> {
  for (;;) {
    const before = steps();
    if (await condition(ended, stallMs)) return;
    if (rests()) {
      // However long it rests, history holds no timer of that. Runs that earlier versions began have set some.
      if (patched('rests-without-timer')) await condition(() => ended() || !rests());
      continue;
    }
    if (steps() !== before) continue;
    const minutes = Math.round(stallMs / 6000) / 10;
    const message = `its run has copied no batch for ${minutes} minutes; \`tidemark status\` tells what is being retried`;
    await tellWatch(sync, [{ table, health: 'stalled', watermark: null, message }]);
    await condition(() => ended() || steps() !== before);
    if (ended()) return;
    await tellWatch(sync, [{ table, health: 'copied', watermark: null }]);
  }
}
