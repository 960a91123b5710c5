/** A line for the person who looks on, on stderr: stdout holds what was asked for. */
export function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
