import { createServer, type Server, type Socket } from 'node:net';

/** What this needs of a PGlite: runs messages of PostgreSQL's protocol, and returns what the server answers. */
export interface ProtocolServer {
  execProtocolRaw(message: Uint8Array): Promise<Uint8Array>;
}

// Codes that stand in the place of a protocol version in a connection's first packet.
const CANCEL_REQUEST = 80877102;
const SSL_REQUEST = 80877103;
const GSS_REQUEST = 80877104;
const TERMINATE = 'X'.charCodeAt(0);

/**
 * Serves a PGlite, which is one session, to PostgreSQL clients over TCP: one connection at a time, the others wait for
 * their turn without being refused. After each, its transaction is rolled back and its session's state discarded.
 *
 * In place of @electric-sql/pglite-socket, which hands TCP segments on as they come (a message cut in two crashes the
 * WASM), starts on the next connection before the last one's transaction can be rolled back, and queues cancel
 * requests behind the query that they are meant for.
 */
export function servePglite(db: ProtocolServer): Server {
  const waiting: Connection[] = [];
  let current: Connection | undefined;

  const serveNext = (): void => {
    if (current) return;
    current = waiting.shift();
    if (!current) return;
    void current
      .serve(db)
      .catch(() => undefined)
      .then(() => reset(db))
      .then(() => {
        current = undefined;
        serveNext();
      });
  };

  return createServer({ noDelay: true }, (socket) => {
    const connection = new Connection(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => {
      const place = waiting.indexOf(connection);
      if (place >= 0) waiting.splice(place, 1);
    });
    connection.started = () => {
      waiting.push(connection);
      serveNext();
    };
  });
}

/** One client: cuts what it sends into whole messages, and has them executed once it is its turn. */
class Connection {
  started: () => void = () => undefined;
  private received = Buffer.alloc(0);
  private startup: Buffer | undefined;
  private arrived: () => void = () => undefined;

  constructor(private readonly socket: Socket) {
    socket.on('data', (data) => {
      this.received = Buffer.concat([this.received, data]);
      if (!this.startup) this.readFirstPackets();
      this.arrived();
    });
    socket.on('close', () => this.arrived());
  }

  /** Answers requests for encryption (none here), drops requests to cancel, and keeps the startup message. */
  private readFirstPackets(): void {
    while (this.received.length >= 8) {
      const length = this.received.readUInt32BE(0);
      const code = this.received.readUInt32BE(4);
      if (this.received.length < length) return;
      const packet = this.received.subarray(0, length);
      this.received = this.received.subarray(length);
      if (code === SSL_REQUEST || code === GSS_REQUEST) this.socket.write('N');
      else if (code === CANCEL_REQUEST) {
        this.socket.destroy();
        return;
      } else {
        this.startup = packet;
        this.started();
        return;
      }
    }
  }

  /** Returns when the client has left. */
  async serve(db: ProtocolServer): Promise<void> {
    await this.answer(await db.execProtocolRaw(this.startup ?? Buffer.alloc(0)));
    while (!this.socket.destroyed) {
      const messages = this.takeMessages();
      if (messages[0] === TERMINATE) break;
      if (messages.length > 0) await this.answer(await db.execProtocolRaw(messages));
      else if (this.socket.readableEnded) break;
      else await new Promise<void>((resolve) => (this.arrived = resolve));
    }
    this.socket.end();
  }

  /** All messages that have come whole, up to a Terminate, which comes alone: the WASM must not see it. */
  private takeMessages(): Buffer {
    let end = 0;
    while (this.received.length >= end + 5) {
      const next = end + 1 + this.received.readUInt32BE(end + 1);
      if (next > this.received.length) break;
      if (this.received[end] === TERMINATE && end > 0) break;
      end = next;
      if (this.received[0] === TERMINATE) break;
    }
    const messages = this.received.subarray(0, end);
    this.received = this.received.subarray(end);
    return messages;
  }

  /** Waits until the client has taken the answer, so that no more than one lies in memory. */
  private async answer(answer: Uint8Array): Promise<void> {
    if (answer.length === 0) return;
    // PGlite uses its buffer again.
    await new Promise<void>((resolve) => this.socket.write(Buffer.from(answer), () => resolve()));
  }
}

/** Leaves a session as new. The Sync first: after an error, everything up to one is ignored. */
async function reset(db: ProtocolServer): Promise<void> {
  await db.execProtocolRaw(message('S', ''));
  await db.execProtocolRaw(message('Q', 'ROLLBACK\0'));
  await db.execProtocolRaw(message('Q', 'DISCARD ALL\0'));
  // PGlite was started with pg_catalog alone, and sets this itself, once.
  await db.execProtocolRaw(message('Q', 'SET search_path = "$user", public\0'));
}

function message(type: string, body: string): Buffer {
  const bytes = Buffer.from(`${type}0000${body}`);
  bytes.writeUInt32BE(bytes.length - 1, 1);
  return bytes;
}
