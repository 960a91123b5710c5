import { defaultPayloadConverter, type Payload, type SerializationContext } from '@temporalio/common';
import { EncryptionCodec } from '../../src/temporal/encryption-codec';
import { encryptionWith } from '../support/encryption';

const codec = new EncryptionCodec('plants', encryptionWith('k1'));
const within = (workflowId: string): SerializationContext => ({
  type: 'workflow',
  namespace: 'plants',
  workflowId,
});
const north = within('tidemark:north');
const plain = defaultPayloadConverter.toPayload({ cursor: 'canary' });

async function seal(by = codec, context: SerializationContext | undefined = north): Promise<Payload> {
  const [sealed] = await by.encode([plain], context);
  if (!sealed) throw new Error('nothing was encoded');
  return sealed;
}

/** The payload with one byte of its data, or one of its labels, changed. */
function changed(payload: Payload, at: number | string, to = 'other'): Payload {
  if (typeof at === 'string') return { ...payload, metadata: { ...payload.metadata, [at]: Buffer.from(to) } };
  const data = Buffer.from(payload.data ?? []);
  data[at < 0 ? data.length + at : at] = (data.at(at) ?? 0) ^ 1;
  return { ...payload, data };
}

it('what is encrypted comes back, grows by a constant, shows nothing, and is never the same twice', async () => {
  const [one, other] = [await seal(), await seal()];
  expect(await codec.decode([one, other], north)).toEqual([
    expect.objectContaining(plain),
    expect.objectContaining(plain),
  ]);
  expect(JSON.stringify(one)).not.toContain('canary');
  expect(Buffer.from(one.data ?? []).toString('latin1')).not.toContain('canary');
  expect(one.data).not.toEqual(other.data);
  const [large] = await codec.encode([defaultPayloadConverter.toPayload('x'.repeat(100_000))], north);
  expect((large?.data?.length ?? 0) - 100_000).toBeLessThan(100);
  expect(Buffer.from(one.metadata?.['encoding'] ?? []).toString()).toBe('binary/encrypted');
});

it.each([
  ['a bit of the nonce', 1],
  ['a bit of the text', 20],
  ['a bit of the tag', -1],
  ['the workflow it was made for', 'encryption-workflow'],
])('a payload is refused once somebody changes %s', async (_, at) => {
  const tampered = changed(await seal(), at);
  await expect(codec.decode([tampered])).rejects.toThrow(/does not open with the key 'k1'/);
});

it('a layout of another version is told apart from tampering', async () => {
  await expect(codec.decode([changed(await seal(), 0)], north)).rejects.toThrow(/layout/);
});

it('a payload opens in its namespace and workflow alone', async () => {
  const elsewhere = new EncryptionCodec('others', encryptionWith('k1'));
  await expect(elsewhere.decode([await seal()], north)).rejects.toThrow(/in namespace others/);
  await expect(codec.decode([await seal()], within('tidemark:south'))).rejects.toThrow(
    /workflow tidemark:south was encrypted for workflow tidemark:north/,
  );
  const unbound = await codec.encode([plain]);
  expect(await codec.decode(unbound, north)).toEqual([expect.objectContaining(plain)]);
});

it('runs of one schedule may hand each other payloads', async () => {
  const monday = await seal(codec, within('tidemark:north-2026-11-23T06:00:00Z'));
  const tuesday = within('tidemark:north-2026-11-24T06:00:00Z');
  expect(await codec.decode([monday], tuesday)).toEqual([expect.objectContaining(plain)]);
  expect(await codec.decode([await seal()], tuesday)).toHaveLength(1);
});

it('after a rotation old payloads open and new ones take the new key', async () => {
  const rotated = new EncryptionCodec('plants', encryptionWith('k2', 'k1'));
  expect(await rotated.decode([await seal()], north)).toEqual([expect.objectContaining(plain)]);
  const now = await seal(rotated);
  expect(Buffer.from(now.metadata?.['encryption-key-id'] ?? []).toString()).toBe('k2');
  await expect(codec.decode([now], north)).rejects.toThrow(/the key 'k2', which is not configured here/);
});

it('another key of the same ID is refused, without a word of the contents', async () => {
  const other = new EncryptionCodec('plants', {
    ...encryptionWith('k1'),
    keys: new Map([['k1', Buffer.alloc(32)]]),
  });
  await expect(other.decode([await seal()], north)).rejects.toThrow(/^(?!.*canary).*the key of that ID/);
});

it('plaintext is refused while encryption is on, unless it is accepted for a switch', async () => {
  await expect(codec.decode([plain], north)).rejects.toThrow(/not encrypted.*acceptPlaintext: true/);
  const switching = new EncryptionCodec('plants', { ...encryptionWith('k1'), acceptPlaintext: true });
  expect(await switching.decode([plain, await seal()], north)).toEqual([
    plain,
    expect.objectContaining(plain),
  ]);
});

it('without encryption payloads pass as they are, and encrypted ones are refused by their key', async () => {
  const off = new EncryptionCodec('plants');
  expect(await off.encode([plain], north)).toEqual([plain]);
  expect(await off.decode([plain], north)).toEqual([plain]);
  await expect(off.decode([await seal()], north)).rejects.toThrow(
    /the key 'k1', which is not configured here/,
  );
});
