import type { ClientBase } from 'pg';
import { z } from 'zod';
import type { ChunksOf } from '../plan/table-spec';
import { pgBoolean, queryRow } from '../postgres/query';

/**
 * The relation that holds a compressed chunk's rows is not in timescaledb_information. It stands in TimescaleDB's own
 * catalog, which changes between versions: in compression_settings from 2.19 on, by chunk ids before. Where
 * neither is found, Tidemark does without: a fence then sees the chunk's own file, and hints its own counters.
 */
export async function findInternals(client: ClientBase): Promise<ChunksOf['internals']> {
  const { settings, ids } = await queryRow(
    client,
    z.object({ settings: pgBoolean, ids: pgBoolean }),
    `SELECT ${hasColumns('compression_settings', ['relid', 'compress_relid'])} AS settings,
            ${hasColumns('chunk', ['id', 'schema_name', 'table_name', 'compressed_chunk_id'])} AS ids`,
  );
  return settings ? 'settings' : ids ? 'ids' : 'unknown';
}

/** The OID of the relation that holds a chunk's compressed rows, as an SQL expression; `chunk` is an alias of pg_class. */
export function compressedRelation(internals: ChunksOf['internals'], chunk: string): string {
  switch (internals) {
    case 'settings':
      return `(SELECT s.compress_relid FROM _timescaledb_catalog.compression_settings s WHERE s.relid = ${chunk}.oid)`;
    case 'ids':
      // What is gone by now is NULL, and no error.
      return `(SELECT to_regclass(format('%I.%I', f.schema_name, f.table_name)) FROM _timescaledb_catalog.chunk o
               JOIN _timescaledb_catalog.chunk f ON f.id = o.compressed_chunk_id
               WHERE o.schema_name = ${chunk}.relnamespace::regnamespace::name AND o.table_name = ${chunk}.relname)`;
    case 'unknown':
      return 'NULL::oid';
  }
}

function hasColumns(table: string, columns: string[]): string {
  const list = columns.map((column) => `'${column}'`).join(', ');
  return `(SELECT count(*) = ${columns.length} FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
           JOIN pg_namespace n ON n.oid = c.relnamespace
           WHERE n.nspname = '_timescaledb_catalog' AND c.relname = '${table}' AND a.attname IN (${list})
             AND NOT a.attisdropped AND has_table_privilege(c.oid, 'SELECT'))`;
}
