import { z } from 'zod';
import type { Path } from './problems';
import { fileSchema } from './schema';

/** As much of JSON Schema as is looked at here. */
export interface JsonSchema {
  type?: string;
  description?: string;
  default?: unknown;
  examples?: unknown[];
  enum?: unknown[];
  required?: string[];
  properties?: Record<string, JsonSchema>;
  items?: JsonSchema;
  anyOf?: JsonSchema[];
}

/** The JSON Schema of the configuration file, for editors and for the reference. */
export function jsonSchema(): JsonSchema {
  return z.toJSONSchema(fileSchema, {
    io: 'input',
    target: 'draft-7',
    reused: 'inline',
    // For values that are read into something else zod leaves these out, as it cannot know which side they mean.
    override: ({ zodSchema, jsonSchema: made }) => {
      const { default: byDefault, examples } = z.globalRegistry.get(zodSchema) ?? {};
      if (byDefault !== undefined) made.default = byDefault;
      if (Array.isArray(examples)) made.examples = examples;
    },
  }) as JsonSchema;
}

/** The keys that may stand at a path of the configuration file. */
export function knownKeys(path: Path): string[] {
  let schemas: JsonSchema[] = [jsonSchema()];
  for (const part of path) {
    schemas = schemas
      .flatMap((schema) => (typeof part === 'number' ? schema.items : schema.properties?.[part]) ?? [])
      .flatMap((schema) => schema.anyOf ?? [schema]);
  }
  return schemas.flatMap((schema) => Object.keys(schema.properties ?? {}));
}
