import { setTimeout as sleep } from 'node:timers/promises';
import { exitCodes } from './exit-codes';
import { onInterrupt } from './interrupt';

const LOOK_EVERY_MS = 2_000;
/** To the screen's first place, and nothing below: what was there before does not flicker away first. */
const HOME = '\x1b[H';
const CLEAR_LINE = '\x1b[K';
const CLEAR_BELOW = '\x1b[J';
const CLEAR_ALL = '\x1b[2J';

/** Shows what `look` gives, every two seconds until Ctrl-C: a line each time, or redrawn over the last. */
export async function watchStatus(look: () => Promise<string>, form: 'lines' | 'screen'): Promise<number> {
  const interruption = onInterrupt(() => stop.abort());
  const stop = new AbortController();
  if (form === 'screen') process.stdout.write(CLEAR_ALL);
  try {
    for (;;) {
      const text = await Promise.race([look(), interruption.happened.then(() => undefined)]);
      if (text === undefined) return exitCodes.ok;
      process.stdout.write(form === 'lines' ? `${text}\n` : redrawn(text));
      await sleep(LOOK_EVERY_MS, undefined, { signal: stop.signal }).catch(() => undefined);
    }
  } finally {
    interruption.stop();
  }
}

function redrawn(text: string): string {
  const lines = [...text.split('\n'), '', 'Every two seconds. Ctrl-C ends it.'];
  // What does not fit would scroll, and be drawn over at the wrong place.
  const room = process.stdout.rows - 1;
  const shown =
    lines.length <= room
      ? lines
      : [...lines.slice(0, room - 1), `… ${lines.length - room + 1} lines more: make the window higher.`];
  return `${HOME}${shown.map((line) => `${line}${CLEAR_LINE}\n`).join('')}${CLEAR_BELOW}`;
}
