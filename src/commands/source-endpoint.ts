import { resolve } from 'node:path';
import { ConfigError } from '../config/config-error';
import { resolveEndpoint } from '../config/endpoint';
import { Problems } from '../config/problems';
import type { Endpoint } from '../postgres/endpoint';

/** Where the source is, unless an option says so. */
export const SOURCE_VARIABLE = 'SOURCE_URL';

/** How a person may say where a source is: a configuration.json, or a URL and what messages call it. */
export type SourcePlace = { file: string } | { url: string; shown: string };

/** The place that `--from`, or else the environment, names. */
export function sourcePlace(from: string | undefined, env = process.env): SourcePlace | undefined {
  if (from !== undefined) return { file: from };
  const url = env[SOURCE_VARIABLE];
  return url === undefined ? undefined : { url, shown: SOURCE_VARIABLE };
}

/** The place as an endpoint that gives up soon. Connects to nothing. Throws {@link ConfigError}. */
export async function sourceEndpoint(place: SourcePlace): Promise<Endpoint> {
  const problems = new Problems('file' in place ? place.file : place.shown, () => undefined);
  const keys = 'file' in place ? { configuration: resolve(place.file) } : { url: place.url };
  const endpoint = await resolveEndpoint(
    { ...keys, connectTimeout: 5_000, queryTimeout: 60_000 },
    ['source'],
    process.cwd(),
    problems,
  );
  if (!endpoint || problems.list.length > 0) throw new ConfigError(problems.list);
  return endpoint;
}
