/** One series of a Prometheus text exposition. */
export interface Sample {
  name: string;
  labels: Record<string, string>;
  value: number;
}

const LINE = /^(?<name>[a-zA-Z_:][\w:]*)(?:\{(?<labels>.*)\})? (?<value>\S+)$/;
const LABEL = /(?<key>\w+)="(?<text>(?:[^"\\]|\\.)*)"/g;

/** Parses what a worker serves at /metrics. @throws at a line that is none of the format's */
export function parseExposition(text: string): Sample[] {
  return text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const { name, labels = '', value } = LINE.exec(line)?.groups ?? {};
      if (name === undefined) throw new Error(`No sample: ${line}`);
      const pairs = [...labels.matchAll(LABEL)].map(({ groups }) => [
        groups?.['key'] ?? '',
        (groups?.['text'] ?? '').replace(/\\(.)/g, (_, character: string) =>
          character === 'n' ? '\n' : character,
        ),
      ]);
      return { name, labels: Object.fromEntries(pairs) as Record<string, string>, value: Number(value) };
    });
}
