import { isIP } from 'node:net';
import { InvalidArgumentError } from 'commander';

/** Where something listens. */
export interface ListenAddress {
  /** An IP address, or a name of this machine. */
  host: string;
  port: number;
}

/** Parses `9464` (loopback), `127.0.0.1:9464`, `[::1]:9464` or `localhost:9464`. */
export function listenAddress(written: string): ListenAddress {
  const match = /^(?:(?:\[(?<six>[^\]]+)\]|(?<host>[^:[\]]+)):)?(?<port>\d{1,5})$/.exec(written);
  const { six, host = '127.0.0.1', port } = match?.groups ?? {};
  const ip = host === 'localhost' ? '127.0.0.1' : (six ?? host);
  const number = Number(port);
  if (isIP(ip) === 0 || !(number >= 1 && number <= 65_535))
    throw new InvalidArgumentError('Give an IP address and a port, such as 127.0.0.1:9464.');
  return { host: ip, port: number };
}

/** Parses a port; 0 asks for any that is free. */
export function listenPort(written: string): number {
  if (/^\d{1,5}$/.test(written) && Number(written) <= 65_535) return Number(written);
  throw new InvalidArgumentError('Use a whole number from 0 to 65535.');
}

export function formatAddress({ host, port }: ListenAddress): string {
  return isIP(host) === 6 ? `[${host}]:${port}` : `${host}:${port}`;
}
