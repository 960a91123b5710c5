import { compareMultisets } from '../test/support/multiset';
import { type Table, wanted } from './tables';
import type { Scene } from './scene';

/** That source and destination hold the same rows, as multisets of values' text. Returns what differs. */
export async function checkRows(scene: Scene, tables: Table[]): Promise<{ faults: string[]; rows: number }> {
  const [left, right] = await Promise.all([scene.connect('source'), scene.connect('destination')]);
  const faults: string[] = [];
  let rows = 0;
  try {
    for (const table of tables) {
      const { name } = table;
      const { rows: columns } = await left.query<{ name: string }>(
        `SELECT quote_ident(attname) AS name FROM pg_attribute
         WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attname`,
        [name],
      );
      const list = columns.map((column) => column.name).join(', ');
      const { equal, leftRows, text } = await compareMultisets(
        { client: left, sql: wanted(table, list) },
        { client: right, sql: `SELECT ${list} FROM ${name}` },
        // A table or a column may be missing.
      ).catch((error: unknown) => ({ equal: false, leftRows: 0, text: String(error) }));
      rows += leftRows;
      if (!equal) faults.push(`${name}: ${text}`);
    }
  } finally {
    await Promise.all([left.end(), right.end()]);
  }
  return { faults, rows };
}

/**
 * What the triggers at the destination saw: each batch's rows and its position in one transaction, each stretch of an
 * interval passed once by a plan, positions and watermarks that only move forward, rows on append written once each.
 */
export async function checkAudit(scene: Scene, dropped: ReadonlySet<string>): Promise<string[]> {
  const faults: string[] = [];
  const none = async (what: string, sql: string): Promise<void> => {
    const found = await scene.query('destination', `${sql} LIMIT 3`);
    if (found.length > 0) faults.push(`${what}: ${JSON.stringify(found)}`);
  };
  const isMissing = async (name: string): Promise<boolean> =>
    (await scene.query('destination', `SELECT WHERE to_regclass('${name}') IS NULL`)).length > 0;
  for (const { name, kind, mode } of scene.tables) {
    const type = kind === 'bigint' ? 'bigint' : kind;
    const moves = `(SELECT n, epoch, interval, old::${type}, new::${type}, rows, tx FROM audit.moves WHERE "table" = '${name}') m`;
    await none(
      `${name}: rows were written without a position`,
      `SELECT tx, sum(rows) FROM audit.writes WHERE "table" = '${name}'
         AND tx NOT IN (SELECT tx FROM audit.moves WHERE "table" = '${name}') GROUP BY tx`,
    );
    await none(
      `${name}: a transaction moved several positions`,
      `SELECT tx FROM ${moves} GROUP BY tx HAVING count(*) > 1`,
    );
    await none(`${name}: a position went back`, `SELECT old, new FROM ${moves} WHERE new <= old`);
    await none(
      `${name}: a batch was applied twice`,
      `SELECT old, previous FROM (SELECT old, lag(new) OVER (PARTITION BY epoch, interval ORDER BY n) previous FROM ${moves}) p
       WHERE old <> previous`,
    );
    await none(
      `${name}: its watermark went back`,
      `SELECT old, new FROM audit.watermarks WHERE "table" = '${name}' AND new::${type} < old::${type}`,
    );
    // One that was dropped before its first plan was never made.
    if (mode === 'append' && !(dropped.has(name) && (await isMissing(name))))
      await none(
        `${name}: rows on append were written twice`,
        `SELECT sum(rows) FROM audit.writes WHERE "table" = '${name}'
         HAVING sum(rows) <> (SELECT count(*) FROM ${name})`,
      );
  }
  const gone = [...dropped].map((name) => `'${name}'`).join(', ') || `''`;
  await none(
    'an interval was left',
    `SELECT "table", id FROM tidemark.intervals WHERE "table" NOT IN (${gone})`,
  );
  return faults;
}
