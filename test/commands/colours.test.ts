import { createDatabase, type TestDatabase } from '../support/database';
import { describeTerminal, startOnTerminal } from '../support/pty';
import path from 'node:path';
import { folderWith, runCli } from './cli';

/** SGR sequences, by which text is coloured or bold. */

const COLOUR = /\u001b\[[0-9;]*m/;
const CLI = path.resolve(__dirname, '../../dist/cli.js');

let source: TestDatabase;
let folder: string;
beforeAll(async () => {
  source = await createDatabase();
  await source.query('CREATE TABLE readings (at timestamptz)');
  const file = `name: x\nsource: { url: '${source.url}' }\ndestination: { url: '${source.url}' }\ntables: [{ name: none, target: copy, cursor: at }]\n`;
  folder = await folderWith({ 'tidemark.yaml': file });
});
afterAll(() => source.drop());

/** Every command that colours, and how it is told what to do. */
const commands = [['discover'], ['check']];

it.each(commands)('%s: not in a pipe, unless FORCE_COLOR says so', async (command) => {
  const run = async (env: NodeJS.ProcessEnv, ...args: string[]) => {
    const { stdout, stderr } = await runCli([command, ...args], { folder, env });
    return stdout + stderr;
  };
  expect(await run({ CI: 'true' })).not.toMatch(COLOUR);
  expect(await run({ FORCE_COLOR: '1' })).toMatch(COLOUR);
  expect(await run({ FORCE_COLOR: '1', NO_COLOR: '1' })).not.toMatch(COLOUR);
  expect(await run({ FORCE_COLOR: '1' }, '--json')).not.toMatch(COLOUR);
});

describeTerminal('on a terminal', () => {
  const shown = async (command: string, env: NodeJS.ProcessEnv): Promise<string> => {
    const terminal = startOnTerminal([process.execPath, CLI, command], { folder, env });
    await terminal.ended;
    return terminal.shown();
  };
  it.each(commands)('%s: unless NO_COLOR or TERM=dumb says no', async (command) => {
    expect(await shown(command, {})).toMatch(COLOUR);
    expect(await shown(command, { NO_COLOR: '1' })).not.toMatch(COLOUR);
    expect(await shown(command, { TERM: 'dumb' })).not.toMatch(COLOUR);
  });
});
