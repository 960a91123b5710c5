import bytes from 'bytes';
import type { Command } from 'commander';
import type { Tuning } from '../plan/steering';
import { CommandError } from './command-error';
import { type Finish, withCommonOptions } from './options';
import type { SteerOptions } from './run-steer';

interface TuneOptions extends SteerOptions, Tuning {}

function wholeNumber(option: string, text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new CommandError('usage', `${option} is not a whole number above 0`, 'Write such a number.');
}

function size(text: string): number {
  const parsed = /^\d+(\.\d+)? *([kmgt]?b)?$/i.test(text) ? bytes.parse(text) : null;
  if (parsed !== null && parsed >= 1) return parsed;
  throw new CommandError('usage', '--batch-bytes is not a size', 'Write a number and a unit, such as 4MB.');
}

export function addTune(program: Command, finish: Finish): Command {
  return withCommonOptions(
    program
      .command('tune')
      .description('give a table another batch size or parallelism, in the run under way'),
    'print the answer as JSON',
  )
    .requiredOption('-t, --table <table>', 'table, named as in SQL')
    .option('--batch-rows <number>', 'the most rows in a batch', (text) => wholeNumber('--batch-rows', text))
    .option('--batch-bytes <size>', 'about how much a batch may hold, such as 4MB', size)
    .option('--intervals <number>', 'intervals copied at once', (text) => wholeNumber('--intervals', text))
    .addHelpText(
      'after',
      '\nExamples:\n  $ tidemark tune --table public.sensor_data --batch-rows 20000\n  $ tidemark tune --table public.sensor_data --intervals 4 --batch-bytes 32MB\n\nIt holds from the next batches on, until the run ends; the configuration says what holds otherwise (batch, parallelism).\nAll tables together keep within maxConnections.\n\nExit codes: 0 done, 2 no such table, 4 connections or no worker, 8 no run or table is in a state for it.',
    )
    .action(async (options: TuneOptions) => {
      const { batchRows, batchBytes, intervals } = options;
      if (batchRows === undefined && batchBytes === undefined && intervals === undefined)
        throw new CommandError(
          'usage',
          'it changes nothing',
          'Give --batch-rows, --batch-bytes or --intervals.',
        );
      const { runSteer } = await import('./run-steer.js');
      const input = {
        ...(batchRows !== undefined && { batchRows }),
        ...(batchBytes !== undefined && { batchBytes }),
        ...(intervals !== undefined && { intervals }),
      };
      finish(await runSteer(options, 'tune', input));
    });
}
