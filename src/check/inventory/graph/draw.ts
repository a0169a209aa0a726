import { groupBy } from '../../../multimap.ts';
import type { Configuration, Reference } from '../configuration/references.ts';
import type { KubeService } from '../kubernetes/types.ts';
import type { Ledger } from '../ledger.ts';
import { schemeRole } from '../technologies/schemes.ts';
import { type Drawn, markOffered, takersOf } from './address-lists.ts';
import { type Classification, classify } from './classify.ts';
import type { Component } from './components.ts';
import type { Destination } from './dns.ts';
import { type Edge, edgeOf } from './edges.ts';
import { loadBehaviour } from './load-generator.ts';

/** Who everybody is, and who is told to use whom. */
export interface Graph {
  classOf(component: Component): Classification;
  edges: readonly Edge[];
  edgesFrom(component: Component): readonly Edge[];
  edgesTo(component: Component): readonly Edge[];
}

/** What the graph of components is drawn from. */
export interface GraphInputs {
  components: readonly Component[];
  /** Namespaces that were asked for by name: there, nothing is the platform's. */
  named: ReadonlySet<string>;
  ledger: Ledger;
  configuration(component: Component): Configuration;
  resolve(host: string, port: number | undefined, from: string): Destination;
  componentOf(service: KubeService): Component | undefined;
}

interface Resolved {
  component: Component;
  reference: Reference;
  destination: Destination;
}

/** Classes first, as edges depend on them; then edges; then what only edges show. */
export function drawGraph(inputs: GraphInputs): Graph {
  const { components, named } = inputs;
  const resolved = components.flatMap((component) =>
    inputs.configuration(component).references.map((reference) => ({
      component,
      reference,
      destination: inputs.resolve(reference.host, reference.port, component.namespace),
    })),
  );
  const classes = new Map(components.map((component) => [component, classify(component, named)]));
  const classOf = (component: Component): Classification =>
    classes.get(component) ?? { class: 'nothing', because: '', certain: false };
  classifyByCallers(resolved, classes, inputs);
  const edges = edgesOf(resolved, classOf, inputs);
  const from = groupBy(edges, (edge) => edge.from);
  const to = groupBy(edges, (edge) => edge.to);
  for (const component of components) {
    const load = loadBehaviour(component, classOf(component), from.get(component) ?? []);
    if (load) classes.set(component, load);
  }
  return {
    classOf,
    edges,
    edgesFrom: (component) => from.get(component) ?? [],
    edgesTo: (component) => to.get(component) ?? [],
  };
}

/** What callers call it: `mongodb://documentdb:10260` makes a store of whatever documentdb runs. */
function classifyByCallers(
  resolved: readonly Resolved[],
  classes: Map<Component, Classification>,
  { components, componentOf, ledger }: GraphInputs,
): void {
  const isOpen = (component: Component): boolean => {
    const current = classes.get(component);
    return current?.class === 'application' && !current.certain;
  };
  for (const { reference, destination } of resolved) {
    if (destination.kind !== 'service' || !reference.scheme) continue;
    const target = componentOf(destination.service);
    const role = schemeRole(reference.scheme);
    if (target && role && isOpen(target))
      classes.set(target, { class: role, because: `callers address it as ${reference.scheme}://`, certain: true });
  }
  for (const component of components) {
    const current = classes.get(component);
    if (current && isOpen(component) && ledger.complete('configmaps', component.namespace))
      classes.set(component, { ...current, certain: true });
  }
}

function edgesOf(
  resolved: readonly Resolved[],
  classOf: Graph['classOf'],
  { componentOf }: Pick<GraphInputs, 'componentOf'>,
): Edge[] {
  const drawn = resolved.flatMap(({ component, reference, destination }): Drawn[] => {
    const to = 'service' in destination ? componentOf(destination.service) : undefined;
    const edge = edgeOf(component, reference, destination, to, classOf);
    return edge ? [{ edge, reference }] : [];
  });
  return markOffered(drawn, takersOf(resolved.filter(({ component }) => classOf(component).class === 'application')));
}
