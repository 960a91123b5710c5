import type { ClientBase } from 'pg';
import { z } from 'zod';
import type { TableIdentity } from '../plan/table-spec';
import { quoteTable } from '../postgres/identifiers';
import { longStatement } from '../postgres/long-statement';
import { pgInteger } from '../postgres/query';

/** How many rows a table holds, counted up to `most` where given. */
export async function countAll(client: ClientBase, table: TableIdentity, most?: number): Promise<number> {
  const limit = most === undefined ? '' : ` LIMIT ${most}`;
  const { rows } = await client.query(
    longStatement(`SELECT count(*) AS count FROM (SELECT FROM ${quoteTable(table)}${limit}) counted`),
  );
  return z.tuple([z.object({ count: pgInteger })]).parse(rows)[0].count;
}
