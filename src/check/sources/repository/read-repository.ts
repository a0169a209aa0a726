import { existsSync } from 'node:fs';
import { readFile, realpath, stat } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { UserError } from '../../../errors.ts';
import { groupBy } from '../../../multimap.ts';
import type { Ports } from '../../../ports.ts';
import type { GroupResource } from '../../contract.ts';
import { type Collected, collect, collection, looksLikeManifests, together } from '../manifests/collect.ts';
import { type Destination, destinationOf, destinationsIn } from './destinations.ts';
import { type Environment, findEnvironments } from './find-environments.ts';
import { helm } from './helm.ts';
import { kustomize } from './kustomize.ts';
import { originsOf } from './origins.ts';
import type { Renderer } from './rendered.ts';

/** How a repository is read. */
export interface RepositoryOptions {
  /** False: plain manifests only. */
  render: boolean;
  /** Files of values for charts, absolute. */
  values: readonly string[];
  /** Of objects that name none; else what Argo CD or Flux of the repository says, else `default`. */
  namespace?: string;
  /** Longest that one rendering may take. */
  seconds: number;
}

/** The objects of one environment, or why there are none. */
export interface ReadEnvironment {
  /** Below what was named. */
  name: string;
  /** The command that rendered it. */
  by?: string;
  /** Of objects that name none, where there are such, and who says so. */
  namespace?: { name: string; by: string };
  collected: Collected;
}

/** A repository as it was read. */
export interface Repository {
  environments: ReadEnvironment[];
  /** Environments that could not be rendered. */
  failed: { name: string; error: UserError }[];
  /** Those that were left out because nothing was to be rendered, or because no service is in them. */
  leftOut: { name: string; outcome: 'not-rendered' | 'no-service' }[];
}

const renderers: Readonly<Record<'kustomize' | 'helm', Renderer>> = { kustomize, helm };

/**
 * Finds overlays, charts and plain manifests below a folder, and renders what has to be rendered.
 *
 * @throws UserError NO_ENVIRONMENTS; BROKEN_MANIFEST never, for the rest is judged
 */
export async function readRepository(named: string, options: RepositoryOptions, ports: Ports): Promise<Repository> {
  if (!(await stat(named).catch(() => undefined))?.isDirectory()) throw nothing(named);
  // Renderers name files by their real paths.
  const path = await realpath(named);
  const root = rootOf(path);
  const { environments, plain } = await findEnvironments(path);
  const texts: { name: string; text: string }[] = [];
  for (const name of plain) {
    const text = await readFile(join(path, name), 'utf8');
    if (looksLikeManifests(text)) texts.push({ name, text });
  }
  const destinations = texts.flatMap(({ text }) => destinationsIn(text));
  const repository: Repository = { environments: [], failed: [], leftOut: [] };
  const add = (read: ReadEnvironment): void => {
    if (hasService(read.collected)) repository.environments.push(read);
    else if (read.by) repository.leftOut.push({ name: read.name, outcome: 'no-service' });
  };
  for (const environment of environments) {
    if (!options.render) {
      repository.leftOut.push({ name: environment.name, outcome: 'not-rendered' });
      continue;
    }
    ports.progress.step(`Rendering ${environment.name}`);
    try {
      add(await renderOne(environment, destinations, root, options, ports));
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      repository.failed.push({ name: environment.name, error });
    }
  }
  for (const read of plainEnvironments(texts, path, root, options)) add(read);
  ports.progress.done();
  if (repository.environments.length === 0) throw repository.failed[0]?.error ?? withoutServices(path, repository);
  return repository;
}

async function renderOne(
  environment: Environment,
  destinations: readonly Destination[],
  root: string,
  options: RepositoryOptions,
  ports: Ports,
): Promise<ReadEnvironment> {
  const given = options.namespace === undefined ? undefined : { name: options.namespace, by: '--namespace' };
  const said = destinationOf(relative(root, environment.folder).replaceAll('\\', '/'), destinations);
  const namespace = given ?? (said ? { name: said.namespace, by: said.by } : { name: 'default', by: 'nobody' });
  const { seconds, values } = options;
  const render = renderers[environment.kind === 'helm' ? 'helm' : 'kustomize'];
  const rendered = await render(environment, { seconds, values, namespace: namespace.name }, ports);
  const collected = collection();
  const locate = originsOf(environment, rendered, root);
  const { name } = environment;
  let isAsked = false;
  collect(rendered.text, name, name, collected, {
    keepGoing: true,
    namespace: namespace.name,
    locate: (value, at) => {
      isAsked ||= (value as { metadata?: { namespace?: unknown } } | null)?.metadata?.namespace === undefined;
      return locate(value, at);
    },
  });
  return { name, by: rendered.by, ...(isAsked ? { namespace } : {}), collected };
}

/**
 * Manifests that nobody has to render. Where one object stands in several folders (`dev/`, `prod/`), each folder is an
 * environment of its own.
 */
function plainEnvironments(
  texts: readonly { name: string; text: string }[],
  path: string,
  root: string,
  { namespace }: RepositoryOptions,
): ReadEnvironment[] {
  const read = (name: string, files: typeof texts): ReadEnvironment => {
    const collected = collection();
    for (const file of files) {
      const shown = relative(root, join(path, file.name)).replaceAll('\\', '/');
      collect(file.text, shown, shown, collected, { keepGoing: true, ...(namespace ? { namespace } : {}) });
    }
    return { name, collected };
  };
  const all = [...groupBy(texts, ({ name }) => dirname(name))].map(([folder, files]) => read(folder, files));
  const each = all.filter(({ collected }) => count(collected) > 0);
  const names = each.flatMap(({ collected }) =>
    [...collected.found].flatMap(([part, list]) => [...list.keys()].map((key) => `${part} ${key}`)),
  );
  const isOne = new Set(names).size === names.length && each.length > 1;
  if (isOne) return [{ name: '.', collected: together(all.map(({ collected }) => collected)) }];
  // Of a folder whose files all could not be read nobody knows to which of them it belongs.
  const rest = all.filter((one) => !each.includes(one));
  return each.map(({ name, collected }) => ({
    name,
    collected: together([collected, ...rest.map((other) => other.collected)]),
  }));
}

const count = ({ found }: Collected): number => [...found.values()].reduce((sum, { size }) => sum + size, 0);

/** Parts that something is judged by. */
const judged: readonly GroupResource[] = [
  'services',
  'pods',
  'deployments.apps',
  'statefulsets.apps',
  'rollouts.argoproj.io',
  'services.serving.knative.dev',
  'deploymentconfigs.apps.openshift.io',
  'daemonsets.apps',
  'replicationcontrollers',
];

const hasService = ({ found }: Collected): boolean => judged.some((part) => (found.get(part)?.size ?? 0) > 0);

/** The repository that a folder is in; outside of one, the folder. */
function rootOf(path: string): string {
  for (let at = path; ; at = dirname(at)) {
    if (existsSync(join(at, '.git'))) return at;
    if (dirname(at) === at) return path;
  }
}

const nothing = (path: string) =>
  new UserError({
    code: 'NO_ENVIRONMENTS',
    what: `${path} is no folder`,
    why: 'msvc check looks below a folder for overlays, charts and manifests.',
    fix: 'Name the folder of the repository, or the one that holds them: msvc check deploy',
  });

const withoutServices = (path: string, { leftOut }: Repository) =>
  new UserError({
    code: 'NO_ENVIRONMENTS',
    what: `${path} holds no service to judge`,
    why: leftOut.some(({ outcome }) => outcome === 'not-rendered')
      ? `${leftOut.map(({ name }) => name).join(', ')} would have to be rendered, and --no-render says no.`
      : 'There is neither an overlay of kustomize nor a Helm chart nor a manifest with a Service or a workload.',
    fix: leftOut.some(({ outcome }) => outcome === 'not-rendered')
      ? 'Leave --no-render out.'
      : 'Name the folder that holds them: msvc check deploy',
  });
