import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { z } from 'zod';
import { hostName, isLoopback } from './host-name';

const table = z.string().min(1).max(500);

/** The body of a `POST /api/actions`. Tables are named as the snapshot names them. */
const actionSchema = z.discriminatedUnion('action', [
  z.strictObject({ action: z.enum(['sync', 'pause', 'resume', 'cancel']) }),
  z.strictObject({ action: z.enum(['skip', 'retry']), table }),
]);
export type Action = z.infer<typeof actionSchema>;

/** What it came to, or why it did not, in sentences. */
export interface ActionResult {
  ok: boolean;
  message: string;
}

export interface Actions {
  /** Who may act has it: it stands in the address that the command prints, and in nothing that is served. */
  token: string;
  /** Ends once it has taken effect. Never rejects. */
  act: (action: Action) => Promise<ActionResult>;
}

/** An action is a name and a table. */
const LARGEST_BODY = 4_096;

/**
 * Answers a `POST /api/actions`: 200 when it is done, 409 when it cannot be, with a {@link ActionResult} either way;
 * 400, 403, 413 and 415 when it is none, or comes from elsewhere. Another site's page fails three times over: its
 * Origin is another, its request would have to be allowed first (JSON, and a header of our own), which nothing here
 * does, and it has not the token.
 */
export async function answerAction(
  { token, act }: Actions,
  request: IncomingMessage,
): Promise<{ status: number; result: ActionResult }> {
  const refuse = (status: number, message: string) => ({ status, result: { ok: false, message } });
  const { host, origin, 'x-tidemark-token': given, 'content-type': type } = request.headers;
  if (!isLoopback(hostName(host) ?? '') || origin !== `http://${host}`)
    return refuse(403, 'Only the page itself may act, asked for as localhost or 127.0.0.1.');
  if (typeof given !== 'string' || !isSame(given, token))
    return refuse(403, 'This page may not act (any more). Open the address that tidemark ui has printed.');
  if (type !== 'application/json') return refuse(415, 'Write the action as JSON.');
  const body = await readBody(request);
  if (body === undefined) return refuse(413, 'That is too long for an action.');
  const action = parse(body);
  if (!action)
    return refuse(
      400,
      'Write {"action": "sync" | "pause" | "resume" | "cancel"}, or {"action": "skip" | "retry", "table": "…"}.',
    );
  const result = await act(action);
  return { status: result.ok ? 200 : 409, result };
}

/** In a time that does not tell how much of it is right. */
function isSame(given: string, token: string): boolean {
  const [one, other] = [given, token].map((text) => createHash('sha256').update(text).digest());
  return one !== undefined && other !== undefined && timingSafeEqual(one, other);
}

async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > LARGEST_BODY) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

function parse(body: string): Action | undefined {
  try {
    return actionSchema.parse(JSON.parse(body));
  } catch {
    return undefined;
  }
}
