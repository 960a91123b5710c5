import Table from 'cli-table3';
import { createColors } from 'picocolors';
import type { TableOutcome } from './outcome';
import { count, type Progress, showProgress } from './progress';

/** What the demo tells on its way: to stdout, or to stderr where stdout is for JSON. */
export class Report {
  private readonly colors;
  private readonly startedAt = performance.now();
  private stepAt = this.startedAt;
  private moving: Progress | undefined;
  private silent = false;

  constructor(private readonly out: NodeJS.WriteStream) {
    this.colors = createColors(out.isTTY && !process.env['NO_COLOR']);
  }

  title(text: string): void {
    this.stepAt = performance.now();
    this.write(`\n${this.colors.bold(text)}`);
  }

  /** Something that has been done, with the time since the step before. */
  done(text: string): void {
    const now = performance.now();
    this.write(`  ${this.colors.green('✓')} ${text} ${this.colors.dim(seconds(now - this.stepAt))}`);
    this.stepAt = now;
  }

  /** Something that went wrong; on purpose or not. */
  wrong(text: string): void {
    this.write(`  ${this.colors.red('✗')} ${text}`);
  }

  note(text: string): void {
    this.write(`    ${this.colors.dim(text)}`);
  }

  progress(totals: Record<string, number>): Progress {
    const moving = showProgress(this.out, this.colors, new Map(Object.entries(totals)));
    this.moving = moving;
    return {
      ...moving,
      stop: () => {
        this.moving = undefined;
        moving.stop();
      },
    };
  }

  /** Leaves the terminal as it was found. */
  stopMoving(): void {
    this.moving?.stop();
    this.moving = undefined;
  }

  /** Says a last word. What goes on meanwhile fails as its servers end, and is not worth telling. */
  interrupt(text: string): void {
    this.stopMoving();
    this.write(`\n${text}`);
    this.silent = true;
  }

  outcome(tables: TableOutcome[]): void {
    const table = new Table({
      head: ['table', 'source rows', 'destination rows', 'batches', 'repeated', 'time', 'equal'],
      colAligns: ['left', 'right', 'right', 'right', 'right', 'right', 'left'],
      style: { head: [], border: [], compact: true },
    });
    for (const row of tables) {
      table.push([
        row.name,
        count(row.sourceRows),
        count(row.destinationRows),
        count(row.batches),
        count(row.batchesRepeated),
        `${row.seconds.toFixed(1)} s`,
        row.equal ? this.colors.green('yes') : this.colors.red('NO'),
      ]);
    }
    this.write(`\n${table.toString()}`);
  }

  verdict(ok: boolean, text: string): void {
    const took = this.colors.dim(seconds(performance.now() - this.startedAt));
    this.write(`\n${ok ? this.colors.green(text) : this.colors.red(text)} ${took}`);
  }

  write(line: string): void {
    if (this.silent) return;
    if (this.moving) this.moving.note(line);
    else this.out.write(`${line}\n`);
  }
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}
