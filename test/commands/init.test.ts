import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { loadConfig } from '../../src/config/load';
import { createDatabase, type TestDatabase } from '../support/database';
import { describeTerminal, startOnTerminal, type Terminal } from '../support/pty';
import { folderWith } from './cli';

const CLI = path.resolve(__dirname, '../../dist/cli.js');
const ENTER = '\r';
const DOWN = '\u001b[B';
const CTRL_C = '\u0003';

describeTerminal('init asks on a terminal', () => {
  let source: TestDatabase;
  let folder: string;
  const running: Terminal[] = [];
  beforeAll(async () => {
    source = await createDatabase();
    await source.query(`
      CREATE TABLE events (id int PRIMARY KEY, at timestamptz NOT NULL, changed timestamptz NOT NULL);
      CREATE TABLE readings (at timestamptz NOT NULL PRIMARY KEY);
      CREATE TABLE notes (text text)`);
  });
  beforeEach(async () => (folder = await folderWith({})));
  afterEach(async () => {
    for (const { child } of running) child.kill('SIGKILL');
    await Promise.all(running.splice(0).map(({ ended }) => ended));
  });
  afterAll(() => source.drop());

  const init = (args: string[] = [], env: NodeJS.ProcessEnv = {}): Terminal => {
    const terminal = startOnTerminal([process.execPath, CLI, 'init', ...args], { folder, env });
    running.push(terminal);
    return terminal;
  };
  const load = () =>
    loadConfig(path.join(folder, 'tidemark.yaml'), {
      SOURCE_URL: source.url,
      DESTINATION_URL: 'postgresql://writer:x@localhost/archive',
    });

  it('tables, cursor columns, lateness, destination and name are those that were chosen', async () => {
    const terminal = init();
    await terminal.answer(/Where is the source\?/, DOWN + ENTER);
    await terminal.answer(/URL of the source/, source.url + ENTER);
    // It stands on the last of the two, which is taken off.
    await terminal.answer(/Which tables\?/, `\t${ENTER}`);
    await terminal.answer(/One table has more than one column/, 'y');
    await terminal.answer(/Cursor column of public\.events/, DOWN + ENTER);
    await terminal.answer(/How late may rows arrive/, `s${ENTER}`);
    await terminal.answer(/for example|Write/, `${'\u007f'.repeat(11)}2 hours${ENTER}`);
    await terminal.answer(/Where is the destination\?/, ENTER);
    await terminal.answer(/Name of the sync/, `-2${ENTER}`);
    expect(await terminal.ended).toBe(0);
    const config = await load();
    expect(config.name).toBe(`${source.endpoint.database}-2`);
    expect(config.tables).toMatchObject([
      { written: 'public.events', cursor: 'changed', key: ['id'], lookback: { ms: 7_200_000 } },
    ]);
    const written = await readFile(path.join(folder, 'tidemark.yaml'), 'utf8');
    expect(written).toContain("source: { url: '${SOURCE_URL}' }");
    expect(written).toContain('# - { name: public.notes, cursor: … }');
    expect(written).not.toContain(source.url);
    expect(terminal.shown()).toContain('Set SOURCE_URL and DESTINATION_URL');
    expect(terminal.shown()).not.toContain(source.url);
  });

  it.each([
    ['the source', [/Where is the source\?/]],
    ['the tables', [/Which tables\?/]],
    ['the last question', [/Which tables\?/, /more than one/, /How late/, /destination/, /Name/]],
  ])('Ctrl-C at %s leaves nothing behind', async (where, questions) => {
    const terminal = init(
      ['-c', 'new/tidemark.yaml'],
      where === 'the source' ? {} : { SOURCE_URL: source.url },
    );
    for (const [i, question] of questions.entries())
      await terminal.answer(question, i === questions.length - 1 ? CTRL_C : ENTER);
    expect(await terminal.ended).toBe(130);
    expect(terminal.shown()).toContain('Nothing was written.');
    expect(await readdir(folder)).toEqual([]);
  });

  it('asks nothing with --yes', async () => {
    const terminal = init(['--yes'], { SOURCE_URL: source.url });
    expect(await terminal.ended).toBe(0);
    expect((await load()).tables.map(({ written }) => written)).toEqual(['public.events', 'public.readings']);
  });
});
