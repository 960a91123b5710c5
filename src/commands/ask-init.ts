import { fileSchema } from '../config/schema';
import { formatIdentifier, formatName } from '../postgres/identifiers';
import type { ConfigChoices } from './config-template';
import { formatCount } from './format';
import type { Found, InitTable } from './run-init';
import { SOURCE_VARIABLE, type SourcePlace } from './source-endpoint';

/** An ES module, so loaded by import(): before any question, and for nobody else. */
const loadPrompts = () => import('@clack/prompts');

/** What a question gives whose asker pressed Ctrl-C. */
class Cancelled extends Error {}

/** The questions of `init`. Each group of them gives `cancelled` once one was left by Ctrl-C. */
export class Questions {
  private constructor(private readonly ask: Awaited<ReturnType<typeof loadPrompts>>) {}

  static async open(): Promise<Questions> {
    const ask = await loadPrompts();
    ask.intro('Tidemark: a configuration, in a few questions. Enter takes what is proposed.');
    return new Questions(ask);
  }

  /** Where the source is. What is typed as a URL is used now, and written nowhere. */
  source(): Promise<SourcePlace | undefined | 'cancelled'> {
    return this.orCancelled(async () => {
      const way = await this.answer(
        this.ask.select({
          message: 'Where is the source?',
          options: [
            { value: 'file', label: 'In a configuration.json' },
            {
              value: 'url',
              label: 'I type its URL',
              hint: `it is not written down: the file refers to ${SOURCE_VARIABLE}`,
            },
            { value: 'later', label: 'Later: write a template' },
          ],
        }),
      );
      if (way === 'later') return undefined;
      if (way === 'file') return { file: await this.path('Path of the configuration.json') };
      const url = await this.answer(this.ask.password({ message: 'URL of the source', validate: required }));
      return { url, shown: 'The URL' };
    });
  }

  /** Which tables, by which cursor column, how late rows come, where the destination is, and the sync's name. */
  choices({ name, tables }: Found): Promise<ConfigChoices | 'cancelled'> {
    return this.orCancelled(async () => ({
      tables: await this.tables(tables ?? []),
      lookback: await this.answer(
        this.ask.text({
          message: 'How late may rows arrive? Every run reads that much again.',
          initialValue: '10 minutes',
          validate: (value) => problemOf({ defaults: { lookback: value ?? '' } }),
        }),
      ),
      destination: await this.destination(),
      name: await this.answer(
        this.ask.text({
          message: 'Name of the sync',
          initialValue: name,
          validate: (value) => problemOf({ name: value ?? '' }),
        }),
      ),
    }));
  }

  private async tables(tables: InitTable[]): Promise<InitTable[]> {
    const ready = tables.filter(({ cursor }) => cursor !== undefined);
    const others = tables.filter(({ cursor }) => cursor === undefined);
    if (ready.length === 0) return others;
    const chosen = await this.answer(
      this.ask.autocompleteMultiselect({
        message: `Which tables? Tab chooses, typing searches. All ${ready.length} that have a cursor column are chosen.`,
        options: ready.map((table) => ({
          value: table,
          label: formatName(table.table),
          hint: hintOf(table),
        })),
        initialValues: ready,
        required: true,
        maxItems: 12,
      }),
    );
    return [...(await this.cursors(chosen)), ...others];
  }

  /** Where there is a choice. A hypertable's time dimension is taken: anything else reads every chunk each time. */
  private async cursors(tables: InitTable[]): Promise<InitTable[]> {
    const open = tables.filter(
      ({ table, candidates }) => candidates.length > 1 && table.hypertable === undefined,
    );
    if (open.length === 0) return tables;
    const change = await this.answer(
      this.ask.confirm({
        message: `${open.length === 1 ? 'One table has' : `${open.length} tables have`} more than one column that could order the rows. Choose?`,
        initialValue: false,
      }),
    );
    if (!change) return tables;
    const cursors = new Map<InitTable, string>();
    for (const table of open) {
      const options = table.candidates.map((value) => ({ value, label: formatIdentifier(value) }));
      const message = `Cursor column of ${formatName(table.table)}`;
      cursors.set(table, await this.answer(this.ask.select({ message, options })));
    }
    return tables.map((table) => ({ ...table, cursor: cursors.get(table) ?? table.cursor }));
  }

  /** The path of its configuration.json; undefined: a variable holds it. */
  private async destination(): Promise<string | undefined> {
    const way = await this.answer(
      this.ask.select({
        message: 'Where is the destination?',
        options: [
          { value: 'variable', label: 'The environment variable DESTINATION_URL will say' },
          { value: 'file', label: 'In a configuration.json of its own' },
        ],
      }),
    );
    return way === 'file' ? this.path("Path of the destination's configuration.json") : undefined;
  }

  private path(message: string): Promise<string> {
    return this.answer(this.ask.text({ message, initialValue: 'configuration.json', validate: required }));
  }

  private async answer<T>(question: Promise<T>): Promise<Exclude<T, symbol>> {
    const given = await question;
    if (this.ask.isCancel(given)) throw new Cancelled();
    return given as Exclude<T, symbol>;
  }

  private async orCancelled<T>(questions: () => Promise<T>): Promise<T | 'cancelled'> {
    try {
      return await questions();
    } catch (error) {
      if (!(error instanceof Cancelled)) throw error;
      this.ask.cancel('Nothing was written.');
      return 'cancelled';
    }
  }
}

function hintOf({ table, cursor }: InitTable): string {
  const rows = table.estimatedRows === undefined ? '' : `, about ${formatCount(table.estimatedRows)} rows`;
  return `${table.kind}${rows}, by ${formatIdentifier(cursor ?? '')}`;
}

function required(value: string | undefined): string | undefined {
  return value === undefined || value.trim() === '' ? 'Write something, or press Ctrl-C' : undefined;
}

/** What the configuration's own rules say against a value, in a file that is sound otherwise. */
function problemOf(keys: object): string | undefined {
  const file = { name: 'x', source: {}, destination: {}, tables: ['x'], ...keys };
  const parsed = fileSchema.safeParse(file);
  return parsed.success ? undefined : parsed.error.issues[0]?.message.replace('|', '. ');
}
