import type { ReadOutcome } from '../contract.ts';
import type { Part } from '../inventory/part.ts';
import type { Listed } from './list.ts';
import type { KubeObject } from './snapshot.ts';

type Objects = ReadonlyMap<Part, readonly KubeObject[]>;

/**
 * The outcomes of lists, where those that were read whole and not kept whole say so: `partial` in the namespaces of what
 * was cut, as far as a pod or a template there names it. What no pod is given is not read by any check.
 */
export function outcomesOf(lists: readonly Listed[], objects: Objects): ReadOutcome[] {
  return lists.flatMap(({ outcome, cut }): ReadOutcome[] => {
    const missed = cut.filter(({ metadata }) => isNamed(metadata, objects));
    if (missed.length === 0 || outcome.outcome !== 'ok') return [outcome];
    const partial: ReadOutcome = { ...outcome, outcome: 'partial', detail: detailOf(missed) };
    if (outcome.namespace !== undefined) return [partial];
    // Read in the whole cluster: elsewhere it is still complete.
    const places = [
      ...new Set([...objects.values()].flat().flatMap(({ metadata }) => metadata.namespace ?? [])),
    ].sort();
    const within = (namespace: string): ReadOutcome => {
      const here = missed.filter(({ metadata }) => metadata.namespace === namespace);
      const count = objects.get(outcome.kind)?.filter(({ metadata }) => metadata.namespace === namespace).length ?? 0;
      return here.length > 0
        ? { kind: outcome.kind, namespace, outcome: 'partial', count, detail: detailOf(here) }
        : { kind: outcome.kind, namespace, outcome: 'ok', count };
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

/** Whether anything in its namespace is given the ConfigMap: as a volume, a variable or all variables. */
function isNamed({ namespace, name }: KubeObject['metadata'], objects: Objects): boolean {
  for (const list of objects.values())
    for (const { metadata, spec } of list) if (metadata.namespace === namespace && names(spec, name)) return true;
  return false;
}

const references = new Set(['configMap', 'configMapRef', 'configMapKeyRef']);

function names(value: unknown, name: string): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).some(([field, inner]) =>
    references.has(field) && (inner as { name?: unknown } | null)?.name === name ? true : names(inner, name),
  );
}
