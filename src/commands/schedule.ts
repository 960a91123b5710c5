import { Argument, type Command } from 'commander';
import { type CommonOptions, type Finish, withCommonOptions } from './options';

export interface ScheduleCommandOptions extends CommonOptions {
  note?: string;
}

const actions = {
  apply: 'make the schedules what the configuration says: create, change or delete them',
  show: "when a sync's schedules begin runs next, and how the last ones ended",
  pause: 'let a schedule begin no more runs, until resumed',
  resume: 'let a paused schedule begin runs again',
  trigger: 'begin a run now, as the schedule would',
  delete: 'delete a schedule; runs under way go on',
} as const;
export type ScheduleAction = keyof typeof actions;

const examples: Partial<Record<ScheduleAction, string>> = {
  pause:
    "  $ tidemark schedule pause\n  $ tidemark schedule pause reconcile --note 'until the source is moved'",
  trigger: '  $ tidemark schedule trigger\n  $ tidemark schedule trigger reconcile',
};

export function addSchedule(program: Command, finish: Finish): Command {
  const schedule = program
    .command('schedule')
    .description('let runs begin by themselves, as schedules: in the configuration says')
    .addHelpText(
      'after',
      '\nExamples:\n  $ tidemark schedule apply\n  $ tidemark schedule show\n\nIn tidemark.yaml:\n  schedules:\n    sync: { every: 5 minutes }\n    reconcile: { cron: 0 3 * * *, timeZone: Europe/Berlin }\n\nA worker must run for anything to be copied: tidemark worker. A sync never has two runs at once.',
    );
  const withConfig = (name: string, description: string): Command =>
    withCommonOptions(schedule.command(name).description(description), 'print it as JSON').showHelpAfterError(
      `Try: tidemark schedule ${name} --help`,
    );

  withConfig('list', "every sync's schedules in this Temporal namespace").action(
    async (options: CommonOptions) => {
      const { runScheduleList } = await import('./run-schedule.js');
      finish(await runScheduleList(options));
    },
  );
  for (const [name, description] of Object.entries(actions) as [ScheduleAction, string][]) {
    const command = withConfig(name, description);
    if (name === 'pause') command.option('--note <text>', 'why, for those who look at it');
    if (name === 'trigger')
      command.addArgument(new Argument('[which]', 'which').choices(['sync', 'reconcile']).default('sync'));
    else if (name !== 'apply' && name !== 'show')
      command.addArgument(
        new Argument('[which]', 'which; all of the sync where left out').choices(['sync', 'reconcile']),
      );
    command
      .addHelpText('after', `\nExamples:\n${examples[name] ?? `  $ tidemark schedule ${name}`}`)
      .action(async (...given: unknown[]) => {
        const { runSchedule } = await import('./run-schedule.js');
        const which = given.length === 3 ? (given[0] as 'sync' | 'reconcile' | undefined) : undefined;
        finish(await runSchedule(name, which, given.at(-2) as ScheduleCommandOptions));
      });
  }
  return schedule;
}
