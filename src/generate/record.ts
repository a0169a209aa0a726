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

/** Where a service lies that is not all of its repository. Paths are from the repository, with `/`. */
export interface SharedRepository {
  /** `services/orders` */
  readonly folder: string;
  /** The folder with the lock file, where the service is a member of a workspace: `.` for the repository itself. */
  readonly workspace?: string;
}

/** From that folder to the repository: `services/orders` → `../..` */
export const upFrom = (folder: string): string => folder.replace(/[^/]+/g, '..');

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
  /** Absent where the service is all of its repository. */
  readonly repository?: SharedRepository;
  /** Feature id → answers. Base is not listed: every service has it. */
  readonly features: Readonly<Record<string, Answers>>;
  /** Instance kind (`clients`, `sagas`, `events`, `aggregates`, …) → instances, sorted by name. */
  readonly instances: Readonly<Record<string, readonly Instance[]>>;
}

export const recordPath = '.msvc/service.json';

const baseFolder = '.msvc/base/';

/** In the place of `..`, which is the name of no folder. */
const up = '_up_';

/** Where the base of a managed file lies. The suffix keeps test runners, linters, Docker and editors away from it. */
export const basePath = (path: string): string => `${baseFolder}${path.replaceAll('../', `${up}/`)}.base`;

/** The managed file whose base this is; undefined for everything else. */
export const managedPath = (path: string): string | undefined =>
  path.startsWith(baseFolder) && path.endsWith('.base')
    ? path.slice(baseFolder.length, -'.base'.length).replaceAll(`${up}/`, '../')
    : undefined;

/** True for a file that stands where only the whole repository can have it, such as `../../.github/workflows/orders.yml`. */
export const isOutside = (path: string): boolean => path.startsWith('../');

const sorted = <T>(fields: Readonly<Record<string, T>>): Record<string, T> =>
  Object.fromEntries(Object.entries(fields).sort(([a], [b]) => (a < b ? -1 : 1)));

/**
 * `.msvc/service.json` with its fields in a fixed order. The features stand in one line: where two branches each have new
 * ones, git must stop there, for what two features bring together neither branch has, and only a command makes it.
 */
export const formatRecord = ({ features, instances, ...fields }: ServiceRecord): string => {
  const { schema, generator, name, description, context, owner, packageManager, repository } = fields;
  const ordered = {
    schema,
    generator,
    name,
    description,
    context,
    owner,
    packageManager,
    ...(repository && { repository }),
  };
  const lines = JSON.stringify({ ...ordered, features: {}, instances: sorted(instances) }, null, 2);
  return `${lines.replace(/^ {2}"features": {}/m, () => `  "features": ${JSON.stringify(sorted(features))}`)}\n`;
};
