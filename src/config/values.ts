import bytes from 'bytes';
import ms from 'ms';
import { z } from 'zod';
import { IdentifierError, parseColumnName, parseTableName, parseTablePattern } from '../postgres/identifiers';
import { metrics } from '../plan/table-spec';
import { parseStart } from './start';

/*
 * The kinds of value in a configuration file. Each has one message for whatever is wrong with it, `what|remedy`, which
 * says nothing of the value: it may be a secret that went astray.
 */

/** Longest duration that timers of Node can wait. */
const longestWait = { ms: 2 ** 31 - 1, words: '24 days' };
/** Longest lookback: cursor values are read that far below the watermark, for which no timer waits. */
const longestLookback = { ms: ms('100 years'), words: '100 years' };
/** A number may come out of the environment, as text. */
const variable = String.raw`\$\{\w+\}`;

export const text = z
  .string({ error: 'this must be text|Put it in quotes' })
  .min(1, 'this is empty|Write a value')
  .refine((value) => !value.includes('\0'), 'this holds a NUL character|Take it out');

export function wholeNumber(lowest: number, highest: number) {
  const error = `this must be a whole number from ${lowest} to ${highest}|Write such a number`;
  return z
    .union(
      [
        z.int({ error }).min(lowest, { error }).max(highest, { error }),
        z.string().regex(new RegExp(`^(\\d+|${variable})$`), { error }),
      ],
      { error },
    )
    .transform(Number)
    .refine((value) => value >= lowest && value <= highest, { error });
}

/** Milliseconds of `10 minutes`, `1.5h`, … */
export const duration = z
  .union([z.literal(0), z.string()], {
    error: 'this must be a duration|Write a number and a unit, such as 10 minutes',
  })
  .transform((value, context) => parseDuration(value, context))
  .meta({ examples: ['10 seconds', '1.5 hours', '500 ms'] });

/** Of what would end before it began. */
export const positiveDuration = duration.refine(
  (milliseconds) => milliseconds >= 1,
  'this is no time at all|Write a number and a unit, such as 10 minutes',
);

/** The width of chunks and partitions: a duration, or for integer columns a whole number. */
export const chunkInterval = z
  .union([z.int(), z.string()], {
    error: 'this must be a duration or a whole number|Write it such as 7 days',
  })
  .transform((value, context): { ms: number } | { ticks: string } => {
    if (/^\d+$/.test(String(value)) && Number(value) > 0) return { ticks: String(value) };
    const parsed = typeof value === 'string' ? milliseconds(value) : undefined;
    if (parsed === undefined || !Number.isInteger(parsed) || parsed < 1)
      return refuse(
        context,
        'this is no width|Write a number and a unit, such as 7 days (not months), or a whole number',
      );
    return { ms: parsed };
  })
  .meta({ examples: ['7 days', '12 hours', 100_000] });

/** A duration, or for integer cursor columns a whole number. */
export const lookback = z
  .union([z.int(), z.string()], {
    error: 'this must be a duration or a whole number|Write it such as 10 minutes',
  })
  .transform((value, context): { ms: number } | { ticks: string } => {
    if (/^-/.test(String(value)))
      return refuse(context, 'this is below zero|Write how far to read again, such as 10 minutes');
    if (/^\d+$/.test(String(value))) return Number(value) === 0 ? { ms: 0 } : { ticks: String(value) };
    return { ms: parseDuration(value, context, longestLookback) };
  })
  .meta({ examples: ['10 minutes', 1000] });

export const size = z
  .union([z.int(), z.string()], { error: 'this must be a size|Write it such as 16 MB' })
  .transform((value, context) => {
    const amount = /^\d+(\.\d+)? *([kmgt]?b)?$/i.test(String(value)) ? bytes.parse(value) : null;
    if (amount === null)
      return refuse(context, 'this is not a size|Write a number and a unit, such as 16 MB');
    if (amount < 1) return refuse(context, 'this is below one byte|Write a size such as 16 MB');
    return amount;
  })
  .meta({ examples: ['16 MB', '500 KB'] });

export const start = z
  .union([z.int(), z.string()], {
    error: 'this must be a date, a time or a whole number|Write it such as 2020-01-31',
  })
  .transform((value, context) => {
    const parsed = parseStart(String(value));
    const remedy =
      "Write 2020-01-31, 2020-01-31 12:00:00+02, a whole number for an integer column, or 'none'";
    return parsed ?? refuse(context, `this is not a point to begin at|${remedy}`);
  })
  .meta({ examples: ['2020-01-31', '2020-01-31 12:00:00+02', 'none', 0] });

export const timeZone = text
  .refine(isTimeZone, { error: 'there is no such time zone|Write a name such as Europe/Berlin or UTC' })
  .meta({ examples: ['Europe/Berlin', 'UTC'] });

/** `https://host/…` */
export const webUrl = text.refine(
  (value) => URL.canParse(value) && /^https?:$/.test(new URL(value).protocol),
  {
    error: 'this is no URL of the web|Write one that begins with https',
  },
);
/** `22:00` */
export const timeOfDay = text
  .regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'this is not a time of day|Write it such as 22:00')
  .meta({ examples: ['22:00', '06:30'] });

export const column = text.transform((value, context) => readName(value, context, parseColumnName));
export const tableName = text.transform((value, context) => readName(value, context, parseTableName));
export const tablePattern = text.transform((value, context) => ({
  written: value,
  pattern: readName(value, context, parseTablePattern),
}));

/** A type in SQL. It goes into CREATE TABLE as it is, so signs that could end the statement are refused. */
const sqlType = text.regex(/^[\p{L}_"][\p{L}\p{N}_ ."(),[\]]*$/u, {
  error: 'this is not a type in SQL|Write it such as numeric(12, 3) or text[]',
});

export const columnTypes = z
  .record(z.string(), sqlType, {
    error: 'this must map columns to types|Write it such as { reading: "numeric(12, 3)" }',
  })
  .transform((types, context) =>
    Object.fromEntries(
      Object.entries(types).map(([name, type]) => [readName(name, context, parseColumnName), type]),
    ),
  );

const storedAs = z
  .string()
  .regex(/^((vector|halfvec|sparsevec)( *\( *[1-9]\d* *\))?|jsonb|real\[\])$/, {
    error:
      'a vector is not kept as this|Write vector, halfvec or sparsevec (with dimensions where the source has none: vector(384)), jsonb or real[]',
  })
  .transform((type) => type.replaceAll(' ', ''));

/** How vectors are kept at the destination, by column. */
export const vectorColumns = z
  .record(
    z.string(),
    z.strictObject(
      {
        as: storedAs.describe('The type it is kept as.').optional(),
        hnsw: z
          .enum(metrics, { error: 'there is no such distance|Write cosine, l2, ip or l1' })
          .describe('Builds an HNSW index for this distance, after the first load.')
          .optional(),
      },
      {
        error: (issue) =>
          issue.code === 'invalid_type' ? 'this must hold keys such as as|Write { as: jsonb }' : undefined,
      },
    ),
    { error: 'this must map columns to keys|Write it such as { embedding: { as: jsonb } }' },
  )
  .transform((columns, context) =>
    Object.fromEntries(
      Object.entries(columns).map(([name, keys]) => [readName(name, context, parseColumnName), keys]),
    ),
  );

function readName<T>(value: string, context: z.RefinementCtx, parse: (text: string) => T): T {
  try {
    return parse(value);
  } catch (error) {
    if (!(error instanceof IdentifierError)) throw error;
    return refuse(context, `${error.message}|Write the name as in SQL`);
  }
}

function parseDuration(value: string | number, context: z.RefinementCtx, longest = longestWait): number {
  if (value === 0) return 0;
  const hint = 'Write a number and a unit, such as 10 minutes';
  if (/^\d+(\.\d+)?$/.test(String(value))) return refuse(context, `this has no unit|${hint}`);
  const parsed = milliseconds(String(value));
  if (parsed === undefined || !Number.isFinite(parsed))
    return refuse(context, `this is not a duration|${hint}`);
  if (parsed < 0) return refuse(context, `this is below zero|${hint}`);
  if (parsed > longest.ms) return refuse(context, `this is longer than ${longest.words}|Write a shorter one`);
  return parsed;
}

/** Of what the library would throw for as well: a text that is empty, or long. */
function milliseconds(text: string): number | undefined {
  return text === '' || text.length > 100 ? undefined : ms(text as ms.StringValue);
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    // An offset, as newer versions of Node take it, PostgreSQL would take the other way round.
    return /^[a-z]/i.test(name);
  } catch {
    return false;
  }
}

function refuse(context: z.RefinementCtx, message: string): never {
  context.addIssue({ code: 'custom', message });
  return z.NEVER;
}
