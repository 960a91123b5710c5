import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { metricsReference } from '../../src/activities/metrics-reference';
import { loadConfig } from '../../src/config/load';
import { jsonSchema } from '../../src/config/json-schema';
import { configurationReference } from '../../src/config/reference';

const root = join(__dirname, '../..');

/** `npm run docs` sets it: write the files rather than compare them. */
const update = process.env['UPDATE_DOCS'] === '1';

async function expectFile(name: string, made: string): Promise<void> {
  const path = join(root, name);
  if (update) await writeFile(path, made);
  expect(await readFile(path, 'utf8')).toBe(made);
}

test('docs/tidemark.schema.json is what the schema makes', async () => {
  await expectFile('docs/tidemark.schema.json', `${JSON.stringify(jsonSchema(), null, 2)}\n`);
});

test('docs/CONFIGURATION.md is what the schema makes', async () => {
  const example = await readFile(join(root, 'examples/tidemark.yaml'), 'utf8');
  await expectFile('docs/CONFIGURATION.md', configurationReference(example.replace(/^#.*\n/, '')));
});

test('docs/METRICS.md is what the list of metrics makes', async () => {
  await expectFile('docs/METRICS.md', metricsReference());
});

test('every key is explained', () => {
  const unexplained: string[] = [];
  const walk = (schema: ReturnType<typeof jsonSchema>, path: string): void => {
    for (const [key, inner] of Object.entries(schema.properties ?? {})) {
      if (!inner.description) unexplained.push(`${path}.${key}`);
      walk(inner, `${path}.${key}`);
    }
    for (const inner of schema.anyOf ?? []) walk(inner, path);
    if (schema.items) walk(schema.items, `${path}[]`);
  };
  walk(jsonSchema(), '');
  expect(unexplained).toEqual([]);
});

test('the example is a good configuration', async () => {
  const env = { DESTINATION_URL: 'postgresql://u:p@localhost/d' };
  const config = await loadConfig(join(root, 'examples/tidemark.yaml'), env);
  expect(config.tables.map((table) => table.written)).toHaveLength(3);
});
