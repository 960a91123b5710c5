import type { ClientBase } from 'pg';
import type { HnswIndex, TableIdentity } from '../plan/table-spec';
import { quoteIdentifier, quoteTable } from '../postgres/identifiers';
import { longStatement } from '../postgres/long-statement';
import { whileIndexing } from './index-cursor';

/** Builds those of a table's HNSW indexes that it has not, however long that takes. */
export async function buildHnsw(
  client: ClientBase,
  table: TableIdentity,
  indexes: HnswIndex[],
): Promise<void> {
  for (const { column, operatorClass } of indexes) {
    await whileIndexing(client, table, async () => {
      const found = await client.query(
        `SELECT FROM pg_index i JOIN pg_opclass o ON o.oid = i.indclass[0]
         JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
         WHERE i.indrelid = $1::regclass AND i.indisvalid AND a.attname = $2 AND o.opcname = $3`,
        [quoteTable(table), column, operatorClass.name],
      );
      if (found.rows.length > 0) return;
      await client.query(
        longStatement(
          `CREATE INDEX ON ${quoteTable(table)} USING hnsw (${quoteIdentifier(column)} ${quoteTable(operatorClass)})`,
        ),
      );
    });
  }
}

/** Whether pgvector there has this operator class for HNSW. */
export async function hasHnsw(
  client: ClientBase,
  operatorClass: HnswIndex['operatorClass'],
): Promise<boolean> {
  const found = await client.query(
    `SELECT FROM pg_opclass o JOIN pg_am m ON m.oid = o.opcmethod JOIN pg_namespace n ON n.oid = o.opcnamespace
     WHERE m.amname = 'hnsw' AND n.nspname = $1 AND o.opcname = $2`,
    [operatorClass.schema, operatorClass.name],
  );
  return found.rows.length > 0;
}
