import { fields, items, text, texts } from './fields.ts';

export type Labels = Readonly<Record<string, string>>;

/** A plain selector, as a Service has it. An empty one selects nothing. */
export const matches = (selector: Labels, labels: Labels): boolean => {
  const wanted = Object.entries(selector);
  return wanted.length > 0 && wanted.every(([key, value]) => labels[key] === value);
};

/** A LabelSelector with `matchLabels` and `matchExpressions`. An empty one selects everything, an absent one nothing. */
export const selects = (selector: unknown, labels: Labels): boolean => {
  if (selector === undefined || selector === null) return false;
  const { matchLabels, matchExpressions } = fields(selector);
  const plain = Object.entries(fields(matchLabels)).every(([key, value]) => labels[key] === value);
  return (
    plain &&
    items(matchExpressions).every((expression) => {
      const { key, operator, values } = fields(expression);
      const value = labels[text(key) ?? ''];
      if (operator === 'Exists') return value !== undefined;
      if (operator === 'DoesNotExist') return value === undefined;
      if (operator === 'In') return value !== undefined && texts(values).includes(value);
      return operator === 'NotIn' && (value === undefined || !texts(values).includes(value));
    })
  );
};
