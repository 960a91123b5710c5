import { type JsonSchema, jsonSchema } from './json-schema';

/** docs/CONFIGURATION.md, made from the schema. `example` is a whole configuration file. */
export function configurationReference(example: string): string {
  const { properties = {}, required = [] } = jsonSchema();
  const { source, destination, defaults, tables, schedules, alarms, temporal } = properties;
  const table = tables?.items?.anyOf?.find((one) => one.properties);
  const perTable = pick(table, (key) => key === 'name' || key === 'target');
  const encryption = temporal?.properties?.['encryption'];
  const tls = temporal?.properties?.['tls']?.anyOf?.find((one) => one.properties);
  return [
    '<!-- Made from src/config/schema.ts, and the *-settings.ts beside it, by `npm run docs`. Change it there. -->',
    '# Configuration',
    'Every command reads `./tidemark.yaml`, or the file that `-c FILE` names. It may be YAML or JSON. Editors that know JSON Schema check it against [tidemark.schema.json](tidemark.schema.json). `tidemark init` writes one, `tidemark check` tries it.',
    `\`\`\`yaml\n${example.trim()}\n\`\`\``,
    '- `${NAME}` in a value is replaced by that environment variable; it must be set. `$${` stands for a plain `${`.',
    '- Paths, and the folder `.tidemark/`, are relative to the folder of the configuration file.',
    '- Names are written as in SQL: without double quotes they fold to lower case; `"Odd ""name"""` keeps its capitals, blanks and quotes. In YAML put single quotes around that.',
    '- A duration is a number and a unit: `500 ms`, `10 seconds`, `1.5 hours`, `7 days`. A size is `16 MB`, or a number of bytes; 1 KB is 1024 bytes.',
    '- A key that is not listed here is an error.',
    '## The file',
    rows(properties, required),
    '## source, destination',
    'Each is given in one of three ways: `url`; or `host`, `port`, `database`, `username` and `password`; or `configuration`. A password may be left out in a `url`, on a unix socket, and with a client certificate.',
    rows(destination?.properties ?? {}),
    'A `configuration` file, such as [examples/configuration.json](../examples/configuration.json), has exactly these five keys, each a string that is not empty.',
    '### source alone',
    'How it is spared, besides by `maxConnections`: see [OPERATING.md](OPERATING.md#sparing-the-source).',
    rows(pick(source, (key) => !(key in (destination?.properties ?? {})))),
    '### tls',
    'In a `url`, `sslmode` may be `disable`, `require`, `verify-ca` or `verify-full`, with the same meanings; `allow` and `prefer`, which may end in plain text without a word, are refused.',
    rows(source?.properties?.['tls']?.properties ?? {}),
    '## tables',
    rows(perTable, table?.required),
    '## tables and defaults',
    "These may stand at a table, or under `defaults` for all. A table's own setting counts first; `batch`, `types` and `columns` are merged key by key.",
    rows(defaults?.properties ?? {}),
    '## schedules',
    '`sync` and `reconcile` are two schedules, each with the keys below; see [`tidemark schedule`](CLI.md#schedule).',
    rows(schedules?.properties?.['reconcile']?.properties ?? {}),
    '## alarms',
    'See [OPERATING.md](OPERATING.md#alarms).',
    rows(alarms?.properties ?? {}, alarms?.required),
    '## temporal',
    'What is not given here comes from TEMPORAL_* variables, then from the configuration file of Temporal (as @temporalio/envconfig reads it).',
    rows(temporal?.properties ?? {}),
    '### tls',
    rows(tls?.properties ?? {}),
    '### encryption',
    'See [ENCRYPTION.md](ENCRYPTION.md).',
    rows(encryption?.properties ?? {}, encryption?.required),
  ]
    .join('\n\n')
    .replaceAll('\n\n- ', '\n- ')
    .concat('\n');
}

function rows(properties: Record<string, JsonSchema>, required: string[] = [], prefix = ''): string {
  const lines = Object.entries(properties).flatMap(([key, schema]) =>
    row(prefix + key, schema, required.includes(key)),
  );
  return prefix
    ? lines.join('\n')
    : ['| key | type | default | meaning |', '| --- | --- | --- | --- |', ...lines].join('\n');
}

/** Small groups of keys (`batch.rows`) stand in the same table; big ones have a chapter of their own. */
function row(key: string, schema: JsonSchema, required: boolean): string[] {
  const byDefault = isPlain(schema.default) ? code(schema.default) : required ? 'required' : '';
  const cells = [`\`${key}\``, describeType(schema), byDefault, schema.description ?? ''];
  const line = `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  const own = schema.properties ?? {};
  return ['batch', 'parallelism', 'hours'].includes(key) ? [line, rows(own, [], `${key}.`)] : [line];
}

function describeType(schema: JsonSchema): string {
  if (schema.enum) return schema.enum.map(code).join(', ');
  if (schema.examples) return `such as ${schema.examples.map(code).join(', ')}`;
  const types = (schema.anyOf ?? [schema]).map(({ type, items }) =>
    type === 'object'
      ? 'keys'
      : type === 'array'
        ? items?.type === 'string'
          ? 'list of names'
          : 'list'
        : (type ?? ''),
  );
  return types.includes('integer')
    ? 'whole number'
    : [...new Set(types)].join(' or ').replace('string', 'text');
}

function isPlain(value: unknown): boolean {
  return value !== undefined && JSON.stringify(value) !== '{}';
}

function code(value: unknown): string {
  return `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;
}

function pick(schema: JsonSchema | undefined, wanted: (key: string) => boolean): Record<string, JsonSchema> {
  return Object.fromEntries(Object.entries(schema?.properties ?? {}).filter(([key]) => wanted(key)));
}
