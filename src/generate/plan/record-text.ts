import type { ServiceRecord } from '../record.ts';

export const recordPath = '.msvc/service.json';

/** Where the base of a managed file lies. The suffix keeps test runners, linters, Docker and editors away from it. */
export const basePath = (path: string): string => `.msvc/base/${path}.base`;

const sorted = <T>(fields: Readonly<Record<string, T>>): Record<string, T> =>
  Object.fromEntries(Object.entries(fields).sort(([a], [b]) => (a < b ? -1 : 1)));

/** `.msvc/service.json` with its fields in a fixed order. */
export const formatRecord = ({ features, instances, ...fields }: ServiceRecord): string => {
  const { schema, generator, name, description, context, owner, packageManager } = fields;
  const ordered = { schema, generator, name, description, context, owner, packageManager };
  return `${JSON.stringify({ ...ordered, features: sorted(features), instances: sorted(instances) }, null, 2)}\n`;
};
