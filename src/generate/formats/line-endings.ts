/** True where every line ends with CRLF (Windows, or git's autocrlf). A mixed file counts as LF: its CRs are its own. */
export const usesCrlf = (text: string): boolean => text.includes('\r\n') && !/(?:^|[^\r])\n/.test(text);

/** The text with LF where it used CRLF throughout; unchanged otherwise. */
export const asLf = (text: string): string => (usesCrlf(text) ? text.replaceAll('\r\n', '\n') : text);

/** An LF text in the line endings of another. */
export const inEndingsOf = (model: string, text: string): string =>
  usesCrlf(model) ? asLf(text).replaceAll('\n', '\r\n') : text;
