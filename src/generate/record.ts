/**
 * `.msvc/service.json`: what a service was asked to be. Rendering it with a given set of templates always gives the
 * same files, so it is the whole input of create, add and update.
 */
export const recordSchema = 'msvc.service/1';

export type PackageManager = 'npm' | 'pnpm';

/** Answers to a feature's or an instance's questions, by question name. */
export type Answers = Readonly<Record<string, string | readonly string[] | boolean>>;

/** One of something a service has many of: a client, a saga, an event. `name` is unique within its kind. */
export type Instance = Answers & { readonly name: string };

export interface ServiceRecord {
  readonly schema: typeof recordSchema;
  /** Version of create-microservice that last wrote this record. */
  readonly generator: string;
  /** A DNS label (RFC 1123) that is also a valid npm package name. */
  readonly name: string;
  readonly description: string;
  /** Bounded context (domain-driven design): which part of the business this service belongs to. */
  readonly context: string;
  /** Team that owns it. */
  readonly owner: string;
  readonly packageManager: PackageManager;
  /** Feature id → answers. Base is not listed: every service has it. */
  readonly features: Readonly<Record<string, Answers>>;
  /** Instance kind (`clients`, `sagas`, `events`, `aggregates`, …) → instances, sorted by name. */
  readonly instances: Readonly<Record<string, readonly Instance[]>>;
}

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
