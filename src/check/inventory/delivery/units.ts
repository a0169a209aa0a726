import { append } from '../../../multimap.ts';
import type { Evidence, GroupResource } from '../../contract.ts';
import type { KubeObject } from '../../sources/snapshot.ts';
import type { Facts } from '../facts.ts';
import type { Component } from '../graph/components.ts';
import { at, items, text } from '../kubernetes/fields.ts';
import { nameOf } from '../kubernetes/types.ts';
import { compare, type Workload, workloadName } from '../kubernetes/workloads.ts';
import { perRun } from '../per-run.ts';
import { type Reconciler, reconcilers } from './reconcilers.ts';

/** What is brought to the cluster together: what an Application, a Kustomization or a Helm release holds. */
export interface DeliveryUnit {
  /** "Application argocd/shop", "Helm release shop/orders" */
  name: string;
  /** All of it goes forward and back at once, as one revision. */
  isRelease: boolean;
  /** What holds it, where that lives in this cluster. */
  object?: KubeObject;
  /** Nothing but a mark on the workload says so: what it names was not seen among these. */
  hearsay?: GroupResource;
  evidence: Evidence;
}

const releaseName = 'meta.helm.sh/release-name';

function heldBy({ name, part, owner }: Reconciler, workload: Workload, facts: Facts): DeliveryUnit | undefined {
  const owned = owner(workload, facts);
  if (!owned) return undefined;
  const object = facts
    .list(part)
    .find(
      ({ metadata }) =>
        metadata.name === owned.name && (owned.namespace === undefined || metadata.namespace === owned.namespace),
    );
  return {
    name: object ? nameOf(object) : `${name} ${owned.name}`,
    isRelease: name === 'Flux HelmRelease',
    ...(object ? { object } : { hearsay: part }),
    evidence: { object: workloadName(workload), path: owned.path, value: owned.name },
  };
}

/** By a workload's own marks; undefined where nobody is seen who brings it. */
function unitOf(workload: Workload, facts: Facts): DeliveryUnit | undefined {
  const held = reconcilers.flatMap((reconciler) => heldBy(reconciler, workload, facts) ?? []);
  const known = held.find(({ hearsay }) => hearsay === undefined);
  if (known) return known;
  // Helm writes these on what it applies, and nobody else does.
  const release = workload.annotations[releaseName];
  if (!release) return held[0];
  return {
    name: `Helm release ${workload.annotations['meta.helm.sh/release-namespace'] ?? workload.namespace}/${release}`,
    isRelease: true,
    evidence: { object: workloadName(workload), path: `metadata.annotations["${releaseName}"]`, value: release },
  };
}

interface Delivered {
  units: ReadonlyMap<Component, readonly DeliveryUnit[]>;
  /** Applications by the name of what brings them, in the order of their own names. */
  together: ReadonlyMap<string, readonly Component[]>;
}

const delivered = perRun((facts): Delivered => {
  const units = new Map<Component, DeliveryUnit[]>();
  const together = new Map<string, Component[]>();
  for (const component of facts.components) {
    if (facts.classOf(component).class !== 'application') continue;
    const own = new Map(
      component.workloads.flatMap((workload) => {
        const unit = unitOf(workload, facts);
        return unit ? [[unit.name, unit] as const] : [];
      }),
    );
    units.set(component, [...own.values()]);
    for (const name of own.keys()) append(together, name, component);
  }
  for (const components of together.values()) components.sort((a, b) => compare(a.name, b.name));
  return { units, together };
});

/** What brings a component's workloads; several where they are brought apart. */
export const unitsOf = (component: Component, facts: Facts): readonly DeliveryUnit[] =>
  delivered(facts).units.get(component) ?? [];

/** The other applications that the same brings. */
export const broughtWith = (component: Component, { name }: DeliveryUnit, facts: Facts): readonly Component[] =>
  (delivered(facts).together.get(name) ?? []).filter((other) => other !== component);

/** Namespaces that it brings workloads to, by its own list of what it applied; empty where it keeps none. */
export function namespacesOf({ object }: DeliveryUnit): string[] {
  const listed = items(at(object, 'status', 'resources')).map((each) => ({
    group: text(at(each, 'group')),
    namespace: text(at(each, 'namespace')),
  }));
  // `shop_orders_apps_Deployment`
  const entries = items(at(object, 'status', 'inventory', 'entries')).map((each) => {
    const [namespace, , group] = (text(at(each, 'id')) ?? '').split('_');
    return { group, namespace };
  });
  const found = [...listed, ...entries].flatMap(({ group, namespace }) =>
    group === 'apps' && namespace ? [namespace] : [],
  );
  return [...new Set(found)].sort();
}
