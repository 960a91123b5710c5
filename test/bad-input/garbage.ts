import { RawValue, type Payload } from '@temporalio/common';

/** Stands for a secret in what is sent: whoever refuses it must not repeat it. */
export const CANARY = 'hunter2-canary';

const payload = (encoding: string | undefined, data?: string | Uint8Array): Payload => ({
  metadata: encoding === undefined ? {} : { encoding: Buffer.from(encoding) },
  ...(data !== undefined && { data: typeof data === 'string' ? Buffer.from(data) : data }),
});
const json = (text: string | Uint8Array): Payload => payload('json/plain', text);

/** What is no JSON, or no value at all. */
const unreadable: Record<string, Payload> = {
  'no metadata': { data: Buffer.from('{}') },
  'no encoding': payload(undefined, '{}'),
  'an unknown encoding': payload('application/x-pickle', CANARY),
  'an encoding that is not text': { metadata: { encoding: Buffer.from([0xff, 0xfe, 0]) } },
  'protobuf in JSON': payload('json/protobuf', `{"a":"${CANARY}"}`),
  'binary protobuf': payload('binary/protobuf', Buffer.from([8, 255, 255])),
  'no data': payload('json/plain'),
  'empty data': json(''),
  'half of a text': json(`{"sync": "${CANARY}`),
  'a text after the end': json(`{} ${CANARY}`),
  'single quotes': json(`{'sync': '${CANARY}'}`),
  YAML: json(`sync: ${CANARY}`),
  XML: json(`<sync>${CANARY}</sync>`),
  NaN: json('NaN'),
  'a NUL': json('\0'),
  'UTF-16': json(Buffer.from(`{"sync":"${CANARY}"}`, 'utf16le')),
  'a byte order mark': json(`\ufeff{'sync'}`),
  'broken UTF-8': json(Buffer.from([0x7b, 0x22, 0xc3, 0x28])),
  gzip: json(Buffer.from([0x1f, 0x8b, 8, 0])),
};

/** What is JSON, and not what is wanted. `{}`, `null` and a lone NULL payload are apart: some messages take those. */
const misshapen: Record<string, unknown> = {
  true: true,
  'a number': 7,
  'a huge number': 1e308,
  'a text': CANARY,
  'an empty text': '',
  'a list': [CANARY],
  'a list of lists': [[[]]],
  'a list that is long': Array.from({ length: 20_000 }, () => 0),
  'no name': { sync: null },
  'a number as the name': { sync: 7, table: 7 },
  'an empty name': { sync: '', table: '' },
  'a name of a megabyte': { sync: 'x'.repeat(600_000), table: 'x'.repeat(300_000) },
  'a list as the name': { sync: ['plant'], table: ['a'] },
  'an operator as the name': { sync: { $ne: null }, table: { $ne: null } },
  'names without the rest': { sync: 7, table: 'public.a', paused: 'no' },
  'a key that is a secret': { [CANARY]: 1, sync: 7 },
  'a value that is a secret': { password: CANARY, sync: 7 },
  'what cannot become text': { sync: { toString: 1 }, table: { toString: 1 }, interval: { position: {} } },
  'an interval of nothing': { sync: 7, interval: 5, portion: 'x' },
  'many keys': Object.fromEntries(Array.from({ length: 5_000 }, (_, i) => [`k${i}`, i])),
};
const texts: Record<string, string> = {
  'deeply nested lists': `${'['.repeat(20_000)}${']'.repeat(20_000)}`,
  'deeply nested keys': `${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`,
  'a prototype': '{"__proto__": {"sync": "plant", "table": "public.a"}}',
  'a constructor': '{"constructor": {"prototype": {"sync": "plant"}}}',
};
const nothing: Record<string, Payload> = {
  null: json('null'),
  'no value': payload('binary/null'),
  'no keys': json('{}'),
  bytes: payload('binary/plain', Buffer.from(CANARY)),
};

const all: Record<string, Payload> = {
  ...unreadable,
  ...Object.fromEntries(
    Object.entries(misshapen).map(([name, value]) => [name, json(JSON.stringify(value))]),
  ),
  ...Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, json(text)])),
  ...nothing,
};

/** Payloads as a foreign client may send them, by what is wrong. */
export const garbage: [name: string, payload: Payload][] = Object.entries(all);

/** Those that a message takes: `pause` and `resume` then mean the whole run. */
const taken: Record<string, string[]> = {
  pause: ['no value', 'no keys'],
  resume: ['no value', 'no keys'],
  setPaused: ['true'],
};

/** Histories keep signals: some of this size, and no client can read one at once. */
const LARGE = 200_000;

/** What is garbage to a signal or an update of this name. */
export function garbageFor(message: string): [name: string, payload: Payload][] {
  return garbage.filter(([name, { data }]) => (data?.length ?? 0) < LARGE && !taken[message]?.includes(name));
}

/** Sent as it is, whatever the client would make of it. */
export function raw(sent: Payload): RawValue {
  return RawValue.fromPayload(sent);
}
