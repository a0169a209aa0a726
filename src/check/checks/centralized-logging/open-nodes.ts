import type { Facts } from '../../inventory/facts.ts';
import type { Component } from '../../inventory/graph/components.ts';
import { at, items, text } from '../../inventory/kubernetes/fields.ts';

/** Where its pods may be placed: everywhere but where a taint keeps them away that they do not tolerate. */
export function openNodes({ workloads }: Component, facts: Facts): string[] {
  const tolerations = workloads.flatMap(({ object, specPath }) =>
    items(at(object, ...specPath.split('.'), 'tolerations')),
  );
  return facts
    .list('nodes')
    .filter((node) =>
      items(at(node, 'spec', 'taints')).every(
        (taint) => at(taint, 'effect') === 'PreferNoSchedule' || tolerations.some((each) => tolerates(each, taint)),
      ),
    )
    .map(({ metadata }) => metadata.name)
    .sort();
}

/** https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration: no key, or no effect, stands for any. */
function tolerates(toleration: unknown, taint: unknown): boolean {
  const word = (of: unknown, name: string): string => text(at(of, name)) ?? '';
  const [key, effect] = [word(toleration, 'key'), word(toleration, 'effect')];
  const exists = word(toleration, 'operator') === 'Exists';
  return (
    (key === word(taint, 'key') || (key === '' && exists)) &&
    (exists || word(toleration, 'value') === word(taint, 'value')) &&
    (effect === '' || effect === word(taint, 'effect'))
  );
}
