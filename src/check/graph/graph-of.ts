import { append } from '../../multimap.ts';
import { guardedCalls } from '../checks/circuit-breakers/guarded-calls.ts';
import { placeOf } from '../checks/define/finding-id.ts';
import type { Graph, GraphEdge, GraphNode, WayIn } from '../contract.ts';
import type { Facts } from '../inventory/facts.ts';
import type { Component } from '../inventory/graph/components.ts';
import type { Edge } from '../inventory/graph/edges.ts';
import { compare } from '../inventory/kubernetes/workloads.ts';
import { memoizeByIdentity } from '../inventory/memoize.ts';
import { exposureOf } from '../inventory/traffic/exposure.ts';
import { communicationOf } from './communication-of.ts';
import { guardOf } from './guard-of.ts';
import { unseenOf } from './unseen-of.ts';

/** The graph of what is judged, with whatever else its edges touch. */
export function graphOf(facts: Facts): Graph {
  const judged = new Set(facts.subjects);
  const id = memoizeByIdentity((component: Component): string => placeOf(component, facts));
  const edges = facts.components
    .flatMap((component) => edgesFrom(component, facts))
    .filter(({ edge }) => judged.has(edge.from) || (edge.to !== undefined && judged.has(edge.to)));
  const nodes = new Set([
    ...facts.subjects,
    ...edges.flatMap(({ edge }) => [edge.from, ...(edge.to ? [edge.to] : [])]),
  ]);
  const drawn = alike(edges, id);
  const seen = [...nodes]
    .map((component) => nodeOf(component, judged.has(component), facts))
    .sort((a, b) => compare(a.id, b.id));
  return {
    nodes: seen,
    edges: drawn,
    communication: communicationOf(seen, drawn),
    unseen: unseenOf(facts, id),
  };
}

function nodeOf(component: Component, judged: boolean, facts: Facts): GraphNode {
  const { namespace, name, primaryService } = component;
  return {
    id: placeOf(component, facts),
    kind: primaryService ? 'Service' : 'Workload',
    namespace,
    name,
    class: facts.classOf(component).class,
    judged,
    waysIn: waysInto(component, facts),
  };
}

function waysInto(component: Component, facts: Facts): WayIn[] {
  const { routes, direct, knative } = exposureOf(component, facts);
  return [
    ...routes.map(({ state, evidence }): WayIn => ({ kind: 'route', state, evidence })),
    ...(knative
      ? [{ kind: 'route', state: knative.ready ? 'accepted' : 'pending', evidence: knative.evidence } as const]
      : []),
    ...direct.filter(({ kind }) => kind !== 'later').map(({ evidence }): WayIn => ({ kind: 'direct', evidence })),
  ];
}

interface Drawn {
  edge: Edge;
  breaker?: GraphEdge['breaker'];
}

/** What it is told, with what guards its calls; and calls that it declares, or makes through a sidecar. */
function edgesFrom(component: Component, facts: Facts): Drawn[] {
  const told = facts.edgesFrom(component);
  if (facts.classOf(component).class !== 'application') return told.map((edge) => ({ edge }));
  const calls = new Map(
    guardedCalls(component, facts).map((call) => [
      targetOf(call.edge),
      { edge: call.edge, breaker: guardOf(call, facts) },
    ]),
  );
  const targets = new Set(told.map(targetOf));
  return [
    ...told.map((edge): Drawn => {
      const call = edge.style === 'sync' ? calls.get(targetOf(edge)) : undefined;
      return call ? { ...call, edge } : { edge };
    }),
    ...[...calls].flatMap(([target, call]) => (targets.has(target) ? [] : [call])),
  ];
}

/** Calls through Dapr's sidecar stand beside those that pass it by. */
const targetOf = ({ to, host, protocol }: Edge): string => `${protocol === 'dapr' ? 'dapr ' : ''}${to?.key ?? host}`;

/** Edges between the same two ends, in the same way, are one with all that shows it. */
function alike(edges: readonly Drawn[], id: (component: Component) => string): GraphEdge[] {
  const groups = new Map<string, Drawn[]>();
  for (const drawn of edges) {
    const { from, to, host, port, style, protocol, destination, offered } = drawn.edge;
    append(
      groups,
      JSON.stringify([id(from), to ? id(to) : host, port, style, protocol, destination, !!offered]),
      drawn,
    );
  }
  return [...groups]
    .sort(([a], [b]) => compare(a, b))
    .flatMap(([, group]) => {
      const [first] = group;
      if (!first) return [];
      const { from, to, host, port, style, protocol, destination, offered } = first.edge;
      return {
        from: id(from),
        ...(to ? { to: id(to) } : {}),
        host,
        ...(port === undefined ? {} : { port }),
        style,
        protocol,
        leads: destination,
        ...(offered ? { maybe: true as const } : {}),
        ...(first.breaker ? { breaker: first.breaker } : {}),
        evidence: group.map(({ edge }) => edge.evidence),
      };
    });
}
