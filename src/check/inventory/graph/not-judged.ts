import type { NotJudged } from '../../contract.ts';
import type { KubeService } from '../kubernetes/types.ts';
import { compare } from '../kubernetes/workloads.ts';
import type { Classification } from './classify.ts';
import { aliases, type Component, isOwned } from './components.ts';

/** What is seen in the scope and not judged, each with the reason, sorted. */
export function notJudgedOf(
  components: readonly Component[],
  services: readonly KubeService[],
  classOf: (component: Component) => Classification,
  judged: (component: Component) => boolean,
  inScope: (namespace: string) => boolean,
): NotJudged[] {
  const platform = components
    .filter((component) => !judged(component) && inScope(component.namespace))
    .map((component) => ({
      kind: component.primaryService ? 'Service' : (component.workloads[0]?.kind ?? 'Workload'),
      namespace: component.namespace,
      name: component.name,
      reason: classOf(component).because,
    }));
  const out = aliases(services)
    .filter((object) => isOwned(object) && inScope(object.metadata.namespace ?? ''))
    .map(({ metadata, spec }) => ({
      kind: 'Service',
      namespace: metadata.namespace ?? '',
      name: metadata.name,
      reason:
        spec.type === 'ExternalName'
          ? 'an alias for a name outside (ExternalName)'
          : 'has no selector: nothing here runs behind it',
    }));
  return [...platform, ...out].sort(
    (a, b) => compare(a.namespace, b.namespace) || compare(a.name, b.name) || compare(a.kind, b.kind),
  );
}
