/** Errors of the parser that quote the text, said without it: the text may be a secret. */
const quoting: Readonly<Record<string, string>> = {
  BAD_ALIAS: 'An alias (*name) stands for an anchor (&name) that is not there, or has no name',
  BAD_DIRECTIVE: 'A line that begins with % is no directive',
  BAD_DQ_ESCAPE: 'A text in double quotes has an escape that there is not',
  BAD_SCALAR_START: 'A text begins with a character that needs quotes',
  TAG_RESOLVE_FAILED: 'A tag (!…) is not known',
  UNEXPECTED_TOKEN: 'Something stands where nothing may',
};

/** Why a text is no YAML, in one line that holds nothing of the text. */
export const whyNotYaml = ({ code, message }: { code: string; message: string }): string =>
  quoting[code] ?? (message.split('\n')[0] ?? '').replace(/ at line \d+.*$/, '').replace(/["'][^"']{2,}["']/g, '…');
