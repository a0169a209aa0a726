import type { KubeObject } from '../../sources/snapshot.ts';
import { at, texts } from './fields.ts';

/** Whether a namespace sees an object of Istio: to all by default, `.` is its own namespace. */
export function isExportedTo(object: KubeObject, namespace: string): boolean {
  const exported = texts(at(object, 'spec', 'exportTo'));
  return (
    exported.length === 0 ||
    exported.includes('*') ||
    exported.includes(namespace) ||
    (exported.includes('.') && object.metadata.namespace === namespace)
  );
}
