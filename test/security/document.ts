import { readFileSync } from 'node:fs';
import path from 'node:path';

/** The statements of the SQL block of docs/SECURITY.md that begins with this comment, one a line. */
export function documentedSql(comment: string): string[] {
  const text = readFileSync(path.resolve(__dirname, '../../docs/SECURITY.md'), 'utf8');
  const blocks = text
    .split('```sql\n')
    .slice(1)
    .map((rest) => rest.split('\n```')[0] ?? '');
  const block = blocks.find((one) => one.startsWith(`-- ${comment}\n`));
  if (block === undefined) throw new Error(`docs/SECURITY.md has no SQL block '${comment}'`);
  return block.split('\n').slice(1);
}

/** The privileges that a statement grants, each as a GRANT of its own. */
export function singleGrants(statement: string): string[] {
  const [, privileges, rest] = /^GRANT ([A-Z, ]+)( ON .*)$/.exec(statement) ?? [];
  if (privileges === undefined || rest === undefined)
    return statement.startsWith('GRANT ') ? [statement] : [];
  return privileges.split(', ').map((privilege) => `GRANT ${privilege}${rest}`);
}
