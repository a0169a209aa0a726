/** `a, b,,a` → `['a', 'b']`: the values of one flag, trimmed, without empty ones and repetitions. */
export const parseList = (text: string): string[] => [
  ...new Set(
    text
      .split(',')
      .map((part) => part.trim())
      .filter(Boolean),
  ),
];
