import type { Reference } from '../configuration/references.ts';
import { type Component, componentKey } from './components.ts';
import type { Edge } from './edges.ts';

/** An edge, and the reference that it was made of. */
export interface Drawn {
  edge: Edge;
  reference: Reference;
}

/** Who is given what as a whole: applications by bundle. */
export type Takers = ReadonlyMap<string, ReadonlySet<Component>>;

export function takersOf(told: readonly { component: Component; reference: Reference }[]): Takers {
  const takers = new Map<string, Set<Component>>();
  for (const { component, reference } of told)
    if (reference.bundle) takers.set(reference.bundle, (takers.get(reference.bundle) ?? new Set()).add(component));
  return takers;
}

export const storeOf = ({ to, host, port }: Edge): string =>
  to ? componentKey(to.namespace, to.name) : `${host}:${port ?? ''}`;

/** postgres and postgresql, mongodb and mongodb+srv are one. */
const kindOfStore = ({ protocol }: Edge): string =>
  protocol
    .replace(/\+.*$/, '')
    .replace(/^postgres.*/, 'postgres')
    .replace(/^rediss$/, 'redis');

/**
 * A ConfigMap that several applications take whole, and that names one of them or several stores of one kind, is a
 * list of what there is: nobody needs all of it, and who uses which address is not known.
 */
export function markOffered(drawn: readonly Drawn[], takers: Takers): Edge[] {
  const stores = new Map<string, string>();
  const directories = new Set<string>();
  for (const { edge, reference } of drawn) {
    const { bundle } = reference;
    const users = bundle === undefined ? undefined : takers.get(bundle);
    if (!bundle || !users || users.size < 2) continue;
    if (edge.to && users.has(edge.to)) directories.add(bundle);
    if (edge.style !== 'store') continue;
    const kind = `${bundle} ${kindOfStore(edge)}`;
    const known = stores.get(kind);
    if (known !== undefined && known !== storeOf(edge)) directories.add(bundle);
    stores.set(kind, storeOf(edge));
  }
  return drawn.map(({ edge, reference: { bundle } }) =>
    bundle !== undefined && directories.has(bundle) ? { ...edge, offered: true } : edge,
  );
}
