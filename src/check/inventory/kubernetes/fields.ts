/**
 * Readers for values that nobody validated: fields of custom resources, recordings, YAML. Each gives an empty value
 * where the shape does not fit, so that a strange object is never understood as more than it is.
 */
export type Fields = Readonly<Record<string, unknown>>;

export const fields = (value: unknown): Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};

export const items = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

export const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

export const amount = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) ? value : undefined;

export const texts = (value: unknown): string[] => items(value).filter((item) => typeof item === 'string');

/** The value at a path of field names, or undefined where anything on the way is missing. */
export const at = (value: unknown, ...path: readonly string[]): unknown =>
  path.reduce<unknown>((inner, name) => {
    const here = fields(inner);
    return Object.hasOwn(here, name) ? here[name] : undefined;
  }, value);

/** True, false, or undefined where no such condition is set. */
export const condition = (owner: unknown, type: string): boolean | undefined => {
  const found = items(at(owner, 'conditions')).find((item) => at(item, 'type') === type);
  const status = at(found, 'status');
  return status === 'True' ? true : status === 'False' ? false : undefined;
};
