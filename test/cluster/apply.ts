import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { type Api, ApiError, type Json } from './api.ts';
import { until } from './until.ts';

export interface Applied {
  objects: Json[];
  /** Deletes them and waits until they and what they own are gone. */
  wipe(): Promise<void>;
}

interface Resource {
  path: string;
  namespaced: boolean;
  hasStatus: boolean;
}

export type ResourceTable = (apiVersion: string, kind: string) => Promise<Resource>;

/** Objects from text, a file or a folder of YAML (`*.yaml`, `*.yml`, not recursive), Lists opened. */
export async function readObjects(path: string): Promise<Json[]> {
  const files = (await stat(path)).isDirectory()
    ? (await readdir(path))
        .filter((name) => /\.ya?ml$/.test(name))
        .sort()
        .map((name) => join(path, name))
    : [path];
  const texts = await Promise.all(files.map((file) => readFile(file, 'utf8')));
  return texts.flatMap(parseObjects);
}

export const parseObjects = (text: string): Json[] =>
  parseAllDocuments(text, { uniqueKeys: false })
    .map((document) => document.toJS())
    .flatMap((object) => (object?.kind === 'List' ? object.items : [object]))
    .filter((object) => object?.kind);

/**
 * Applies objects, or a folder of YAML, as `kubectl apply --server-side` does: namespaces and definitions first. A `status`
 * in a custom object is written too, as the controller that is not here would write it.
 */
export async function apply(
  cluster: Api,
  source: string | readonly Json[],
  { namespace = 'default', manager = 'kubectl' }: { namespace?: string; manager?: string } = {},
): Promise<Applied> {
  const objects = typeof source === 'string' ? await readObjects(source) : [...source];
  const done: { path: string; name: string }[] = [];
  const resources = resourceTable(cluster);
  const one = async (object: Json) => {
    const resource = await resources(object.apiVersion, object.kind);
    const where = resource.namespaced ? `/namespaces/${object.metadata.namespace ?? namespace}` : '';
    const path = resource.path.replace('{namespaces}', where);
    // Without a subresource of its own (Argo CD's Application) the status is a field like any other.
    const whole = isForeignStatus(object) && !resource.hasStatus;
    await write(cluster, path, object, manager, whole);
    if (isForeignStatus(object) && resource.hasStatus) {
      const { apiVersion, kind, metadata, status } = object;
      await cluster.send(
        'PATCH',
        `${path}/${metadata.name}/status`,
        { apiVersion, kind, metadata: { name: metadata.name }, status },
        'application/merge-patch+json',
      );
    }
    done.push({ path, name: object.metadata.name });
  };
  const inTurn = [
    objects.filter((object) => object.kind === 'Namespace'),
    objects.filter((object) => object.kind === 'CustomResourceDefinition'),
    objects.filter((object) => !['Namespace', 'CustomResourceDefinition'].includes(object.kind)),
  ];
  for (const [index, group] of inTurn.entries()) {
    await Promise.all(group.map(one));
    if (index === 1) {
      await Promise.all(group.map((definition) => untilServed(cluster, definition)));
      await untilListed(
        cluster,
        group.map(({ metadata }) => metadata.name),
        true,
      );
    }
  }
  return { objects, wipe: () => wipe(cluster, done) };
}

async function write(cluster: Api, path: string, object: Json, manager: string, whole: boolean): Promise<void> {
  const { status: _, ...spec } = object;
  const body = whole ? object : spec;
  try {
    const query = `fieldManager=${encodeURIComponent(manager)}&force=true`;
    await cluster.send('PATCH', `${path}/${object.metadata.name}?${query}`, body, 'application/apply-patch+yaml');
  } catch (error) {
    // Server-side apply refuses lists with two entries of one key, which a plain create accepts.
    if (!(error instanceof ApiError) || !/duplicate/.test(error.message)) throw error;
    await cluster.send('POST', `${path}?fieldManager=${encodeURIComponent(manager)}`, body);
  }
}

/** Group, version and kind to path, from discovery; asked again when a kind is new. */
export function resourceTable(cluster: Api): ResourceTable {
  const known = new Map<string, Promise<Json>>();
  const list = (apiVersion: string, again: boolean): Promise<Json> => {
    const base = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
    const found = again ? undefined : known.get(apiVersion);
    if (found) return found;
    const asked = cluster.get(base);
    known.set(apiVersion, asked);
    return asked;
  };
  return async (apiVersion: string, kind: string): Promise<Resource> => {
    const search = async (again: boolean) => (await list(apiVersion, again)).resources;
    const match = (all: Json[]) => all.find((entry) => entry.kind === kind && !entry.name.includes('/'));
    let resources = await search(false);
    if (!match(resources)) resources = await search(true);
    const found = match(resources);
    if (!found) throw new Error(`${apiVersion} ${kind} is not served`);
    const base = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
    return {
      path: `${base}{namespaces}/${found.name}`,
      namespaced: found.namespaced,
      hasStatus: resources.some((entry: Json) => entry.name === `${found.name}/status`),
    };
  };
}

// The controllers that run here write the status of these themselves.
const ownControllers = /^(v1|apps\/|batch\/|discovery|policy\/|autoscaling\/|apiextensions)/;
const isForeignStatus = (object: Json) =>
  object.status &&
  Object.keys(object.status).length > 0 &&
  (!ownControllers.test(object.apiVersion) || object.kind === 'Service');

async function untilServed(cluster: Api, definition: Json): Promise<void> {
  const { group, names, versions } = definition.spec;
  const served = versions.find((version: Json) => version.served);
  await until(`${names.plural}.${group} to be served`, async () => {
    const { resources } = await cluster.get(`/apis/${group}/${served.name}`).catch(() => ({ resources: [] }));
    return resources.some((entry: Json) => entry.name === names.plural);
  });
}

const aggregated = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';

/** In the list of everything, which clients read, or not: it is made a moment after the plain one, and outlives a definition. */
async function untilListed(cluster: Api, definitions: readonly string[], isWanted: boolean): Promise<void> {
  if (definitions.length === 0) return;
  await until(`${definitions.join(', ')} to be ${isWanted ? 'listed' : 'listed no more'}`, async () => {
    const { items } = await cluster.get('/apis', aggregated);
    const listed = new Set(
      items.flatMap((group: Json) =>
        group.versions.flatMap((version: Json) =>
          version.resources.map((entry: Json) => `${entry.resource}.${group.metadata.name}`),
        ),
      ),
    );
    return definitions.every((name) => listed.has(name) === isWanted);
  });
}

async function wipe(cluster: Api, done: { path: string; name: string }[]): Promise<void> {
  const gone = async ({ path, name }: { path: string; name: string }) => {
    const at = `${path}/${name}`;
    await cluster.send('DELETE', `${at}?propagationPolicy=Foreground`).catch(ifMissing);
    await until(`${at} to be gone`, async () => (await cluster.get(at).catch(ifMissing)) === undefined);
  };
  await Promise.all(done.filter(({ path }) => !isContainer(path)).map(gone));
  // Objects that others own for them (claims of a StatefulSet) go with their namespace.
  await Promise.all(done.filter(({ path }) => isContainer(path)).map(gone));
  const definitions = done.filter(({ path }) => path.endsWith('/customresourcedefinitions')).map(({ name }) => name);
  await untilListed(cluster, definitions, false);
}

const isContainer = (path: string) => /\/(namespaces|customresourcedefinitions)$/.test(path);

function ifMissing(error: unknown): undefined {
  if (error instanceof ApiError && error.status === 404) return undefined;
  throw error;
}
