/** One line of metrics: name, labels, value. */
export interface Sample {
  name: string;
  labels: Readonly<Record<string, string>>;
  value: number;
}

const line = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})?[ \t]+(\S+)/;
const label = /\s*([a-zA-Z_]\w*)\s*=\s*"((?:[^"\\]|\\.)*)"\s*,?/y;

/**
 * The samples of Prometheus' text format, and of OpenMetrics, as far as they can be read: comments, exemplars and lines
 * of another shape are passed over.
 *
 * @param isCut the text ends somewhere: its last line may be a part of one
 */
export function* samplesIn(text: string, isCut = false): Generator<Sample> {
  const lines = text.split('\n');
  if (isCut) lines.pop();
  for (const one of lines) {
    if (one.startsWith('#')) continue;
    // An exemplar stands behind the value, and holds labels too.
    const [, name, labels = '', value] = line.exec(one.replace(/ # \{.*$/, '')) ?? [];
    if (name !== undefined) yield { name, labels: labelsIn(labels), value: Number(value) };
  }
}

function labelsIn(text: string): Record<string, string> {
  const found: [string, string][] = [];
  label.lastIndex = 0;
  for (;;) {
    const [, name, value = ''] = label.exec(text) ?? [];
    if (name === undefined) return Object.fromEntries(found);
    found.push([name, value.replace(/\\(.)/g, (_, one: string) => (one === 'n' ? '\n' : one))]);
  }
}
