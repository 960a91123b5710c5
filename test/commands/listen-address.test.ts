import { formatAddress, listenAddress } from '../../src/commands/listen-address';

test.each([
  ['9464', '127.0.0.1:9464'],
  ['0.0.0.0:80', '0.0.0.0:80'],
  ['localhost:9464', '127.0.0.1:9464'],
  ['[::1]:9464', '[::1]:9464'],
])('%s means %s', (written, meant) => {
  expect(formatAddress(listenAddress(written))).toBe(meant);
});

test.each(['', 'host', 'example.com:80', '127.0.0.1', '127.0.0.1:0', '127.0.0.1:65536', '::1:80', '1:2:3'])(
  "'%s' is refused",
  (written) => expect(() => listenAddress(written)).toThrow(/Give an IP address and a port/),
);
