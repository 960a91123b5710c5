import { spawnSync } from 'node:child_process';
import { chmod, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { folderWith, runCli } from './cli';

const CLI = path.resolve(__dirname, '../../dist/cli.js');
const has = (shell: string): boolean => spawnSync(shell, ['--version']).status === 0;
/** Where a shell is not installed its tests are skipped, and counted so. */
const describeShell = (shell: string) => (has(shell) ? describe : describe.skip);

let folder: string;
beforeAll(async () => {
  folder = await folderWith({
    'tidemark.yaml':
      'tables: [public.readings, { name: \'public."Odd ""name"""\' }, public.r*]\nname: ${NOT_SET}\n',
    'plants/north.yaml': 'tables: [north.readings]\n',
    'plants/notes.txt': '',
  });
  const command = path.join(folder, 'tidemark');
  await writeFile(command, `#!/bin/sh\nexec '${process.execPath}' '${CLI}' "$@"\n`);
  await chmod(command, 0o755);
});

/** Lines and how they may go on; the last word is what the cursor stands behind. */
const cases: [line: string[], expected: string[] | ((found: string[]) => void)][] = [
  [['sy'], ['sync']],
  [['re'], ['reconcile', 'resync', 'resume', 'retry']],
  [['sync', '--t'], ['--table']],
  [['sync', '--table', 'public.r'], ['public.readings']],
  [['sync', '-t', 'x', '-t', 'public.r'], ['public.readings']],
  [['sync', '-c', 'plants/north.yaml', '--table', ''], ['north.readings']],
  [
    ['check', '-c', 'plants/'],
    ['plants/north.yaml', 'plants/notes.txt'],
  ],
  [
    ['completion', ''],
    ['bash', 'zsh', 'fish'],
  ],
  [['check', '--strict', '--s'], []],
  [['verify', '--from', ''], []],
];

it.each(cases.filter(([line]) => line[1] !== '-c' || line.length > 3))(
  'tidemark %j goes on',
  async (line, expected) => {
    const { code, stdout, stderr } = await runCli(['complete-words', '--', ...line], { folder });
    expect([code, stderr]).toEqual([0, '']);
    const [kind, ...found] = stdout.trimEnd().split('\n');
    expect(kind).toBe('words');
    expect(found.map((one) => one.split('\t')[0])).toEqual(expected);
  },
);

it('a table whose configuration cannot be read completes to nothing, in silence', async () => {
  const result = await runCli(['complete-words', '--', 'sync', '-c', 'none.yaml', '--table', ''], { folder });
  expect(result).toMatchObject({ code: 0, stdout: 'words\n', stderr: '' });
});

describeShell('bash')('bash', () => {
  const complete = (words: string[]): string[] => {
    const script = `source <(./tidemark completion bash)
      COMP_WORDS=(./tidemark "$@"); COMP_CWORD=$#; _tidemark
      ((\${#COMPREPLY[@]} == 0)) || printf '%s\\n' "\${COMPREPLY[@]}"`;
    const { stdout, stderr, status } = spawnSync('bash', ['--norc', '-c', script, 'bash', ...words], {
      cwd: folder,
      encoding: 'utf8',
    });
    expect([status, stderr]).toEqual([0, '']);
    return stdout.split('\n').filter(Boolean);
  };
  it.each(cases)('%j', (line, expected) =>
    expect(complete(line).sort()).toEqual([...(expected as string[])].sort()),
  );
  it('what the shell would take apart is quoted, and = is a word of its own', () => {
    expect(complete(['sync', '--table', '=', 'public.'])).toEqual([
      'public.readings',
      'public.\\"Odd\\ \\"\\"name\\"\\"\\"',
    ]);
  });
  it('is asked for by the command', () => {
    const script = 'source <(./tidemark completion bash); complete -p tidemark';
    expect(spawnSync('bash', ['--norc', '-c', script], { cwd: folder, encoding: 'utf8' }).stdout).toBe(
      'complete -F _tidemark tidemark\n',
    );
  });
});

describeShell('zsh')('zsh', () => {
  it('reads the script', () => {
    const script =
      'autoload -U compinit; compinit -u -D; source <(./tidemark completion zsh); print $_comps[tidemark]';
    const result = spawnSync('zsh', ['-f', '-c', script], { cwd: folder, encoding: 'utf8' });
    expect(result).toMatchObject({ stdout: '_tidemark\n', stderr: '', status: 0 });
  });
});

describeShell('fish')('fish', () => {
  it.each(cases)('%j', (line, expected) => {
    const typed = ['tidemark', ...line].join(' ');
    const script = `./tidemark completion fish | source; set PATH . $PATH; complete -C '${typed}'`;
    const { stdout } = spawnSync('fish', ['-N', '-c', script], { cwd: folder, encoding: 'utf8' });
    expect(
      stdout
        .split('\n')
        .filter(Boolean)
        .map((one) => one.split('\t')[0])
        .sort(),
    ).toEqual([...(expected as string[])].sort());
  });
});
