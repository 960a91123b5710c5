import {
  condition,
  getExternalWorkflowHandle,
  patched,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { Lanes } from '../plan/connections';
import {
  type PausedRun,
  type Steering,
  type SteeringMessage,
  spareLanes,
  type TuneInput,
  type Tuning,
} from '../plan/steering';
import { steeredArgs } from '../plan/run-inputs';
import { childId } from '../plan/workflow-ids';
import { setPausedSignal, steeredSignal, steerSignal } from './messages';
import { isSignal } from './parse-input';

/** What was asked for since the run began; carried along when it continues as new. */
export interface Asked {
  /** All tables, those that are yet to begin included. */
  paused: boolean;
  /** Single tables. */
  tables?: Record<string, { paused?: true; tuning?: Tuning }>;
}

interface UnderWay {
  lanes: number;
  /** How many it may have until it has heard that it is to have fewer. */
  held: number;
  started: boolean;
  told: Steering;
  /** The number of the last message that has taken effect. */
  heard: number;
}

/** What each table of a run is to go by, and whether those under way keep to it by now. */
export class SteeredTables {
  readonly #asked: Asked;
  readonly #underWay = new Map<string, UnderWay>();
  #lanes: Lanes = { tables: 1, intervals: 1 };
  #connections = 1;
  #sent = 0;

  constructor(asked: Asked | undefined) {
    this.#asked = { paused: asked?.paused ?? false, tables: { ...asked?.tables } };
    setHandler(steeredSignal, (...args) => {
      if (!isSignal('steered', steeredArgs, args)) return;
      const [table, number] = args;
      const underWay = this.#underWay.get(table);
      if (underWay) underWay.heard = number;
    });
  }

  /** From the run's plan. A plan of an earlier version does not say how many connections there are. */
  plan(lanes: Lanes, connections: number | undefined): void {
    this.#lanes = lanes;
    this.#connections = connections ?? lanes.tables * lanes.intervals;
  }

  get asked(): Asked {
    const { paused, tables = {} } = this.#asked;
    return { paused, ...(Object.keys(tables).length > 0 && { tables }) };
  }

  get paused(): PausedRun {
    const { paused, tables = {} } = this.#asked;
    return { paused, tables: Object.keys(tables).filter((table) => tables[table]?.paused) };
  }

  isPaused(table: string): boolean {
    return this.#asked.paused || this.#asked.tables?.[table]?.paused === true;
  }

  tuningOf(table: string): Tuning {
    return this.#asked.tables?.[table]?.tuning ?? {};
  }

  /** How many intervals of a table may be copied at once: no more than there are connections. */
  mostLanes(table: string): number {
    const others = [...this.#underWay].flatMap(([name, { held }]) => (name === table ? [] : [held]));
    return 1 + spareLanes(this.#connections, this.#lanes, [...others, 1]);
  }

  /** What a table's run begins with. */
  begin(table: string): Steering {
    const lanes = Math.min(this.tuningOf(table).intervals ?? this.#lanes.intervals, this.mostLanes(table));
    const told = this.#steering(table, lanes);
    this.#underWay.set(table, { lanes, held: lanes, started: false, told, heard: 0 });
    return told;
  }

  lanesOf(table: string): number {
    return this.#underWay.get(table)?.lanes ?? this.#lanes.intervals;
  }

  /** Tells a table's run what was asked for while it was being started. */
  async begun(table: string): Promise<void> {
    const underWay = this.#underWay.get(table);
    if (!underWay) return;
    underWay.started = true;
    if (!isSame(underWay.told, this.#steering(table, underWay.lanes))) await this.#tell(table);
  }

  ended(table: string): void {
    this.#underWay.delete(table);
  }

  /** Of all tables, or of one. Resuming all resumes those that were paused by themselves as well. */
  async setPaused(paused: boolean, only: string | undefined): Promise<PausedRun> {
    if (only === undefined) {
      this.#asked.paused = paused;
      if (!paused) for (const table of Object.keys(this.#asked.tables ?? {})) this.#ask(table, { paused });
    } else this.#ask(only, { paused });
    const told = only === undefined ? [...this.#underWay.keys()] : [only];
    await Promise.all(told.map((table) => this.#tell(table)));
    return this.paused;
  }

  async tune({ table, ...tuning }: TuneInput): Promise<void> {
    this.#ask(table, { tuning: { ...this.tuningOf(table), ...tuning } });
    const underWay = this.#underWay.get(table);
    if (!underWay) return;
    underWay.lanes = tuning.intervals ?? underWay.lanes;
    underWay.held = Math.max(underWay.held, underWay.lanes);
    await this.#tell(table);
    underWay.held = underWay.lanes;
  }

  /** Has a table's run stop; it ends soon after. */
  async skip(table: string): Promise<void> {
    await this.#tell(table, true);
  }

  #ask(table: string, { paused, tuning }: { paused?: boolean; tuning?: Tuning }): void {
    const { paused: before, ...rest } = this.#asked.tables?.[table] ?? {};
    const asked = {
      ...rest,
      ...(tuning && { tuning }),
      ...((paused ?? before) && { paused: true as const }),
    };
    this.#asked.tables = { ...this.#asked.tables, [table]: asked };
  }

  #steering(table: string, lanes: number): Steering {
    const { batchRows: rows, batchBytes: bytes } = this.tuningOf(table);
    const batch = { ...(rows !== undefined && { rows }), ...(bytes !== undefined && { bytes }) };
    return {
      paused: this.isPaused(table),
      lanes,
      ...(Object.keys(batch).length > 0 && { batch }),
    };
  }

  /** Sends a table's run what it is to go by, and waits until it does, or has ended. */
  async #tell(table: string, skip = false): Promise<void> {
    const underWay = this.#underWay.get(table);
    if (!underWay) return;
    const hasEnded = (): boolean => this.#underWay.get(table) !== underWay;
    // Runs that 0.2.0 or older began wait for no answer.
    const answers = patched('steer');
    if (!underWay.started && !answers) return;
    await condition(() => underWay.started || hasEnded());
    const told = (underWay.told = this.#steering(table, underWay.lanes));
    const number = (this.#sent += 1);
    const child = getExternalWorkflowHandle(childId(workflowInfo().workflowId, table));
    const message: SteeringMessage = { ...told, number, ...(skip && { skip: true }) };
    try {
      await (answers ? child.signal(steerSignal, message) : child.signal(setPausedSignal, told.paused));
    } catch {
      // It has ended by now.
      return;
    }
    if (answers) await condition(() => underWay.heard >= number || hasEnded());
  }
}

function isSame(one: Steering, other: Steering): boolean {
  return (
    one.paused === other.paused &&
    one.lanes === other.lanes &&
    one.batch?.rows === other.batch?.rows &&
    one.batch?.bytes === other.batch?.bytes
  );
}
