import { buildProgram } from './program';

/**
 * The command line: parses, runs one command, and gives its exit code. Commands are defined beside this, one a file;
 * what they do stands in run-*.ts and is loaded when it is needed, so that help comes at once.
 */
export async function main(argv: readonly string[]): Promise<number> {
  let exitCode = 0;
  const program = buildProgram((code) => void (exitCode = code));
  try {
    await program.parseAsync([...argv]);
    return exitCode;
  } catch (error) {
    const { reportError } = await import('./report-error.js');
    return reportError(error, argv.includes('--json'));
  }
}
