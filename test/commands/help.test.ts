import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Command } from 'commander';
import { exitCodes } from '../../src/commands/exit-codes';
import { buildProgram } from '../../src/commands/program';

/** The command line as it is documented: help and docs/CLI.md say the same, of every command and option. */
const reference = readFileSync(path.resolve(__dirname, '../../docs/CLI.md'), 'utf8');
const program = buildProgram(() => undefined);
const commands = program
  .createHelp()
  .visibleCommands(program)
  .filter((one) => one.name() !== 'help');

/** All that `--help` prints. */
function helpOf(command: Command): string {
  let text = '';
  command.configureOutput({ writeOut: (part) => (text += part) }).outputHelp();
  return text;
}

/** A command's chapter, and those that it shares with the one before (`## pause, resume and cancel`). */
function chapterOf(name: string): string {
  const chapters = reference.split(/^## /m);
  return chapters.find((chapter) => RegExp(`\\b${name}\\b`).test(chapter.split('\n')[0] ?? '')) ?? '';
}

/** Rows of the table that follows a line, as their cells. */
function tableAfter(line: string): string[][] {
  const [, rest = ''] = reference.split(line);
  const rows = rest.trimStart().split('\n\n')[0]?.split('\n').slice(2) ?? [];
  return rows.map((row) =>
    row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

it.each(commands.map((one) => [one.name(), one] as const))('%s', (name, command) => {
  expect(command.description()).not.toBe('');
  const help = helpOf(command);
  expect(help).toMatch(RegExp(`^Examples?:\\n  \\$ .*tidemark ${name}\\b`, 'm'));
  const chapter = chapterOf(name);
  expect(chapter).not.toBe('');
  const common = ['--config', '--json', '--help'];
  for (const { long, description } of command.createHelp().visibleOptions(command)) {
    expect(description).not.toBe('');
    if (!common.includes(long ?? '')) expect(chapter).toContain(long ?? '');
  }
  for (const { _name, description } of command.registeredArguments as unknown as {
    _name: string;
    description: string;
  }[])
    expect([_name, description]).not.toContain('');
});

it('every exit code has its meaning, and every command its exit codes', () => {
  const codes = tableAfter('## Exit codes\n').map(([code]) => Number(code));
  expect(codes).toEqual([...new Set(Object.values(exitCodes))]);
  const ofCommands = tableAfter('Which command ends with which, besides 0, 1 and 2:\n');
  expect(ofCommands.map(([name]) => name?.replaceAll('`', ''))).toEqual(commands.map((one) => one.name()));
  for (const [, list = ''] of ofCommands)
    for (const code of list.match(/\d+/g) ?? []) expect(codes).toContain(Number(code));
});

it('the runbook knows every exit code and every alert', () => {
  const at = (file: string): string => readFileSync(path.resolve(__dirname, '../..', file), 'utf8');
  const headings = at('docs/RUNBOOK.md').match(/^### .*$/gm) ?? [];
  for (const code of Object.values(exitCodes).filter((one) => one !== exitCodes.ok))
    expect(headings.filter((heading) => heading.startsWith(`### ${code}:`))).toHaveLength(1);
  const alerts = [...at('monitoring/alerts.yaml').matchAll(/alert: (\w+)/g)].map(([, name]) => name ?? '');
  expect(alerts.length).toBeGreaterThan(5);
  for (const alert of alerts) expect(headings.join(' ')).toMatch(RegExp(`\\b${alert}\\b`));
});

it('what help says of exit codes is in that table', () => {
  const ofCommands = new Map(
    tableAfter('Which command ends with which, besides 0, 1 and 2:\n').map(([name, list]) => [
      name,
      list ?? '',
    ]),
  );
  for (const command of commands) {
    const [, said] = /Exit codes: ([^.]*(?:\.json[^.]*)?)\./s.exec(helpOf(command)) ?? [];
    if (said === undefined) continue;
    const numbers = [...said.matchAll(/(?:^|, |\n)(\d+) /g)].map(([, code]) => code ?? '');
    expect(numbers.length).toBeGreaterThan(1);
    for (const code of numbers.filter((one) => !['0', '1', '2'].includes(one)))
      expect(ofCommands.get(`\`${command.name()}\``)).toMatch(RegExp(`\\b${code}\\b`));
  }
});
