import { z } from 'zod';
import { object } from './strict-object';
import { text } from './values';

const flag = z.boolean({ error: 'this must be true or false|Write true or false' });

const keyId = z
  .string()
  .regex(/^[\w.-]{1,64}$/, 'this is not an ID for a key|Use at most 64 letters, digits, dots, - and _');

const encryption = object({
  key: keyId.describe('ID of the key that encrypts; one of `keys`.'),
  keys: z
    .record(
      keyId,
      z.union([text, object({ file: text.describe('Path of a file that holds the key, in base64.') })], {
        error: "this must be a key or a file that holds it|Write '${VARIABLE}' or { file: … }",
      }),
      { error: "this must map IDs to keys|Write it such as { k1: '${VARIABLE}' }" },
    )
    .describe(
      'ID → key: 32 bytes in base64, taken from the environment (`${VARIABLE}`), or `{ file: path }`. All that may be needed to decrypt.',
    ),
  acceptPlaintext: flag.optional().meta({
    default: false,
    description:
      'Whether payloads that are not encrypted are taken as well: until the runs have ended that were under way when encryption was turned on.',
  }),
});

export const temporal = object({
  address: text.describe('`host:port` of the Temporal server.'),
  namespace: text.meta({ default: 'default', description: 'Namespace.' }),
  taskQueue: text.describe("Task queue of the sync's workers."),
  profile: text.describe("Profile in Temporal's own configuration file."),
  tls: z
    .union(
      [
        flag,
        object({
          ca: text.describe('Path of the certificates that are trusted.'),
          cert: text.describe('Path of a client certificate.'),
          key: text.describe("Path of the client certificate's key."),
          passphrase: text.describe('What opens the key, where it is encrypted.'),
          serverName: text.describe('Name in the certificate of the server, where it is not the host.'),
        }).partial(),
      ],
      { error: 'this must be true, false, or keys such as ca|Write tls: true' },
    )
    .describe('Whether, and how, the connection is encrypted.'),
  apiKey: text.describe('API key. Better taken from the environment: `${TEMPORAL_API_KEY}`.'),
  encryption: encryption.describe(
    'Encrypts what Temporal stores of runs: inputs, results, failures. Also with the embedded server.',
  ),
}).partial();

export type TemporalKeys = z.output<typeof temporal>;
export type EncryptionKeys = z.output<typeof encryption>;
