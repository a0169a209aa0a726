/** `a, b,,a` → `['a', 'b']`: the values of one flag, trimmed, without empty ones and repetitions. */
export const parseList = (text: string): string[] => [
  ...new Set(
    text
      .split(',')
      .map((part) => part.trim())
      .filter(Boolean),
  ),
];

/** `create-order@self`: the service itself, so no place to add. */
export const itself = 'self';

/** `charge-payment@payments` → its two names; without an @ there is no place. */
export function splitPlace(element: string): { name: string; place?: string } {
  const at = element.indexOf('@');
  return at < 0 ? { name: element } : { name: element.slice(0, at), place: element.slice(at + 1) };
}

/** What the elements of a list name after an @, without the service itself. */
export const placesIn = (elements: readonly string[]): string[] =>
  elements.flatMap((element) => {
    const { place } = splitPlace(element);
    return place === undefined || place === itself ? [] : [place];
  });
