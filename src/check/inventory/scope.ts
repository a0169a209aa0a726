import type { Facts } from './facts.ts';
import { isSystemNamespace } from './kubernetes/system-namespaces.ts';

/** What lives there is the business of this run: evidence of other namespaces is read, not told. */
export const isInScope = (namespace: string, { scope }: Pick<Facts, 'scope'>): boolean =>
  scope === null ? !isSystemNamespace(namespace) : scope.includes(namespace);
