import type { GroupResource, ReadOutcome } from '../../contract.ts';
import type { KubeObject } from '../snapshot.ts';
import type { Listed } from './list.ts';

type Objects = ReadonlyMap<GroupResource, readonly KubeObject[]>;

/**
 * The outcomes of lists, where those that were read whole and not kept whole say so: `partial` in the namespaces of what
 * was cut, as far as a pod or a template there names it. What no pod is given is not read by any check.
 */
export function outcomesOf(lists: readonly Listed[], objects: Objects): ReadOutcome[] {
  const given = lists.some(({ cut }) => cut.length > 0) ? givenMaps(objects) : new Set();
  return lists.flatMap(({ outcome, cut }): ReadOutcome[] => {
    const missed = cut.filter(({ metadata }) => given.has(`${metadata.namespace}/${metadata.name}`));
    if (missed.length === 0 || outcome.outcome !== 'ok') return [outcome];
    const partial: ReadOutcome = { ...outcome, outcome: 'partial', detail: detailOf(missed) };
    if (outcome.namespace !== undefined) return [partial];
    // Read in the whole cluster: elsewhere it is still complete.
    const places = [
      ...new Set([...objects.values()].flat().flatMap(({ metadata }) => metadata.namespace ?? [])),
    ].sort();
    const within = (namespace: string): ReadOutcome => {
      const here = missed.filter(({ metadata }) => metadata.namespace === namespace);
      const count =
        objects.get(outcome.resource)?.filter(({ metadata }) => metadata.namespace === namespace).length ?? 0;
      return here.length > 0
        ? { resource: outcome.resource, namespace, outcome: 'partial', count, detail: detailOf(here) }
        : { resource: outcome.resource, namespace, outcome: 'ok', count };
    };
    return [partial, ...places.map(within)];
  });
}

const shown = 3;

function detailOf(cut: readonly KubeObject[]): string {
  const names = cut.slice(0, shown).map(({ metadata }) => metadata.name);
  const more = cut.length > shown ? ` and ${cut.length - shown} more` : '';
  return `too long to be kept whole: ${names.join(', ')}${more}`;
}

const references = new Set(['configMap', 'configMapRef', 'configMapKeyRef']);

/** Levels below `spec` at which a pod template may name a ConfigMap, with room; what nobody validated may go on for ever. */
const deepest = 20;

/** The ConfigMaps that something in their namespace is given, as a volume, a variable or all variables: "shop/settings". */
function givenMaps(objects: Objects): ReadonlySet<string> {
  const found = new Set<string>();
  const look = (value: unknown, namespace: string | undefined, depth: number): void => {
    if (typeof value !== 'object' || value === null || depth > deepest) return;
    for (const [field, inner] of Object.entries(value)) {
      if (references.has(field)) found.add(`${namespace}/${(inner as { name?: unknown } | null)?.name}`);
      look(inner, namespace, depth + 1);
    }
  };
  for (const list of objects.values()) for (const { metadata, spec } of list) look(spec, metadata.namespace, 0);
  return found;
}
