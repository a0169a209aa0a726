// Templates put these values, unescaped, into JSON, YAML, Markdown and comments; quoted there, each of them is safe.
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it refuses
const breaksQuoting = /["\\`\x00-\x1f\x7f-\x9f\u2028\u2029]|\$\{|\*\/|<!--|-->/;

const longest = 200;

/** Why a line of free text cannot go into generated files, or undefined where it can. */
export function whyUnsafeText(text: string): string | undefined {
  if (text.trim() === '') return 'it is empty';
  if (text.length > longest) return `it has ${text.length} characters; ${longest} are allowed`;
  const found = breaksQuoting.exec(text)?.[0];
  if (found === undefined) return undefined;
  return found < ' '
    ? 'it has a line break or another control character'
    : `it has ${found}, which breaks quoting in generated files`;
}
