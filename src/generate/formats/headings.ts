/**
 * A comment that keeps a place in a file that others contribute to: `# --- Postgres`. What bears it comes below it. So two
 * branches that add different things insert at different places, and git merges them.
 */
export const isHeading = (line: string | undefined): line is string => /^ *# --- /.test(line ?? '');

/** Index of the heading in lines that may be indented otherwise; -1 where it is not there. */
export const indexOfHeading = (lines: readonly string[], heading: string): number =>
  lines.findIndex((line) => line.trim() === heading.trim());
