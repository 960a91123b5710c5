import type { ClientBase } from 'pg';
import { z } from 'zod';
import type { TableIdentity } from '../plan/table-spec';
import { quoteTable } from '../postgres/identifiers';
import { longStatement } from '../postgres/long-statement';
import { pgInteger } from '../postgres/query';

/** How many rows a table holds. */
export async function countAll(client: ClientBase, table: TableIdentity): Promise<number> {
  const { rows } = await client.query(longStatement(`SELECT count(*) AS count FROM ${quoteTable(table)}`));
  return z.tuple([z.object({ count: pgInteger })]).parse(rows)[0].count;
}
