import { readFileSync } from 'node:fs';
import http2 from 'node:http2';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { temporaryFolder } from '../../src/embedded/guarded-process';
import { certificatesIn } from './certificates';
import { temporalAddress } from './temporal';

/** The test run's Temporal behind TLS that asks for a client certificate, as Temporal Cloud's addresses do. */
export interface TlsTemporal {
  address: string;
  /** Where `ca.pem`, `client.pem` and `client.key` are. */
  folder: string;
  /** The `authorization` headers that calls brought, once each. */
  authorizations: Set<string | undefined>;
  /** Whether every call came with a certificate that the authority signed. */
  certified(): boolean;
  close(): void;
}

export async function startTlsTemporal(): Promise<TlsTemporal> {
  const folder = temporaryFolder();
  const make = certificatesIn(folder);
  make.authority('ca');
  for (const name of ['server', 'client']) make.certificate(name, 'ca', { host: 'localhost' });
  const read = (file: string) => readFileSync(path.join(folder, file));
  const server = http2.createSecureServer({
    ...{ ca: read('ca.pem'), cert: read('server.pem'), key: read('server.key') },
    ...{ requestCert: true, rejectUnauthorized: false },
  });
  const upstream = http2.connect(`http://${temporalAddress()}`);
  const authorizations = new Set<string | undefined>();
  const sessions = new Set<http2.ServerHttp2Session>();
  let certified = true;
  server.on('session', (session) => sessions.add(session));
  server.on('stream', (stream, headers) => {
    certified &&= (stream.session?.socket as { authorized?: boolean } | undefined)?.authorized === true;
    authorizations.add(headers.authorization);
    const call = upstream.request({ ...headers, ':scheme': 'http', ':authority': temporalAddress() });
    for (const one of [stream, call]) one.on('error', () => undefined);
    stream.pipe(call);
    call.once('response', (answer) => stream.respond(answer, { waitForTrailers: true }));
    let trailers: http2.IncomingHttpHeaders = {};
    call.once('trailers', (sent: http2.IncomingHttpHeaders) => (trailers = sent));
    stream.once('wantTrailers', () => stream.sendTrailers(trailers));
    call.pipe(stream);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `localhost:${(server.address() as AddressInfo).port}`,
    folder,
    authorizations,
    certified: () => certified,
    close: () => {
      for (const session of sessions) session.destroy();
      upstream.destroy();
      server.close();
    },
  };
}
