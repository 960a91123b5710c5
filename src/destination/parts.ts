/** For WITH RECURSIVE: the table whose OID is $1, its partitions or chunks, and what inherits from it in any other way. */
export const PARTS = `parts(oid) AS (
  SELECT $1::oid UNION ALL SELECT inhrelid FROM parts JOIN pg_inherits ON inhparent = parts.oid)`;
