// C0 except tab and newline, DEL, C1, the marks that reorder text (UAX #9) and the invisible ones that hide it.
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it looks for
const unsafe = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/**
 * Text from outside (files, clusters, programs, arguments) so that a terminal shows it and does not obey it: every
 * control and reordering character becomes its escape, such as `\x1b`. Tabs and newlines stay.
 */
export const harmless = (text: string): string =>
  text.replace(unsafe, (character) => {
    const code = character.charCodeAt(0);
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
  });

/** The same where one line is needed: line breaks and tabs become `\n` and `\t`. */
export const harmlessLine = (text: string): string => harmless(text).replaceAll('\n', '\\n').replaceAll('\t', '\\t');

/** At most that many characters: what somebody else wrote may be as long as they like. */
export const shortened = (text: string, most: number): string =>
  text.length > most ? `${text.slice(0, most - 1)}…` : text;

/** Text of others' errors without what lets somebody in: logins and queries of addresses, headers, values of secrets. */
export const withoutSecrets = (text: string): string =>
  text
    .replace(/(:\/\/)[^@/\s]+@/g, '$1…@')
    .replace(/(\w:\/\/[^\s?"'<>]*)\?[^\s"'<>]*/g, '$1')
    .replace(/\b(Bearer|Basic)\s+\S+/gi, '$1 …')
    .replace(/\beyJ[\w-]+\.[\w.-]+/g, '…')
    .replace(/((?:pass(?:word|wd)?|token|secret|api_?-?key)["']?\s*[=:]\s*)["']?[^\s"',;]+["']?/gi, '$1…');
