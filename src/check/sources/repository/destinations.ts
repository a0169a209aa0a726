import { parseYaml } from '../manifests/parse-yaml.ts';

/** That somebody delivers a folder of the repository into a namespace. */
export interface Destination {
  /** As it is written: below the root of the repository. */
  path: string;
  namespace: string;
  /** "Argo CD’s Application orders" */
  by: string;
}

type Fields = { [name: string]: Fields | undefined };

const at = (value: unknown, ...path: string[]): unknown =>
  path.reduce<unknown>((inner, name) => (inner as Fields | null | undefined)?.[name], value);

/** What Applications of Argo CD and Kustomizations of Flux among a file's objects say. */
export function destinationsIn(text: string): Destination[] {
  if (!/kind:\s*["']?(Application|Kustomization)\b/.test(text)) return [];
  const parsed = parseYaml(text);
  return ('values' in parsed ? parsed.values : []).flatMap((value) => {
    const api = String(at(value, 'apiVersion'));
    const name = String(at(value, 'metadata', 'name'));
    if (api.startsWith('argoproj.io/')) {
      const sources = [at(value, 'spec', 'source'), at(value, 'spec', 'sources')].flat();
      const namespace = at(value, 'spec', 'destination', 'namespace');
      return sources.flatMap((source) => destination(at(source, 'path'), namespace, `Argo CD’s Application ${name}`));
    }
    return api.startsWith('kustomize.toolkit.fluxcd.io/')
      ? destination(at(value, 'spec', 'path'), at(value, 'spec', 'targetNamespace'), `Flux’s Kustomization ${name}`)
      : [];
  });
}

const destination = (path: unknown, namespace: unknown, by: string): Destination[] =>
  typeof path === 'string' && typeof namespace === 'string'
    ? [{ path: path.replace(/^\.?\/+|\/+$/g, ''), namespace, by }]
    : [];

/** Who says where a folder goes: its path below the root of the repository. Undefined where two say different things. */
export function destinationOf(path: string, known: readonly Destination[]): Destination | undefined {
  const own = known.filter((one) => one.path === path);
  return new Set(own.map(({ namespace }) => namespace)).size === 1 ? own[0] : undefined;
}
