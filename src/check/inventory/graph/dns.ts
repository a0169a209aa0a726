import { isIp } from '../configuration/address.ts';
import { laterPort } from '../kubernetes/placeholders.ts';
import type { KubeService, ServicePort } from '../kubernetes/types.ts';
import type { GivenNames } from './given-names.ts';
import { endsOutside } from './top-level-domains.ts';

/** Where an address leads, seen from one namespace. */
export type Destination =
  | { kind: 'service'; service: KubeService; port?: ServicePort }
  /** The Service exists and has no such port. */
  | { kind: 'no-port'; service: KubeService }
  /** The name of a Service that does not exist; proven. `noNamespace` is set where its namespace does not either. */
  | { kind: 'absent'; noNamespace?: string }
  /** An address of a pod or a Service, written as a number. */
  | { kind: 'literal'; of: string }
  /** What this cluster does not run, though it may know its name (a ServiceEntry, a ServiceImport). */
  | { kind: 'outside' }
  /** A name in a namespace whose Services were not read, or of something that may be a namespace. */
  | { kind: 'unread'; namespace: string }
  /** A word that may be anything. */
  | { kind: 'unclear' };

/** The names and addresses that a cluster gives, as far as they were read. */
export interface Directory {
  services: ReadonlyMap<string, KubeService>;
  namespaces: ReadonlySet<string>;
  /** Object by address: "10.0.0.1" → "Service shop/orders". */
  addresses: ReadonlyMap<string, string>;
  /** Names that something other than a Service gives. */
  given: GivenNames;
  /** Every Service of the namespace was read. */
  complete(namespace: string): boolean;
  /** Every namespace is known by name. */
  allNamespaces: boolean;
}

/** Ends of names outside, where namespaces may not be listed: nobody calls a namespace so. */
const topLevel = /^(ai|app|biz|ch|cloud|cn|co|com|de|dev|edu|eu|fr|gov|info|io|jp|net|nl|org|uk)$/;

export function resolve(host: string, port: number | undefined, from: string, directory: Directory): Destination {
  const clusterSet = /^([^.]+)\.([^.]+)\.svc\.clusterset\.local\.?$/.exec(host);
  if (clusterSet) return resolveImport(`${clusterSet[2]}/${clusterSet[1]}`, clusterSet[2] ?? '', directory);
  const found = resolveService(host, port, from, directory);
  if (found.kind !== 'absent') return found;
  const given = directory.given.byMesh(host, from);
  return given ? { kind: 'outside' } : given === undefined ? { kind: 'unread', namespace: from } : found;
}

/** A name of several clusters: it is answered where it was imported, here or elsewhere. */
function resolveImport(key: string, namespace: string, directory: Directory): Destination {
  const imported = directory.given.byClusterSet(key);
  if (!imported) return imported === undefined ? { kind: 'unread', namespace } : { kind: 'absent' };
  const service = directory.services.get(key);
  return service ? { kind: 'service', service } : { kind: 'outside' };
}

function resolveService(host: string, port: number | undefined, from: string, directory: Directory): Destination {
  if (isIp(host)) {
    const of = directory.addresses.get(host);
    return of ? { kind: 'literal', of } : { kind: 'outside' };
  }
  const labels = host.replace(/\.$/, '').split('.');
  const svc = labels.indexOf('svc');
  const clusterName = svc >= 2;
  const [first = '', second = ''] = clusterName ? labels.slice(svc - 2, svc) : labels;
  const find = (name: string, namespace: string): KubeService | undefined =>
    directory.services.get(`${namespace}/${name}`);

  const candidates: [string, string][] = clusterName
    ? [[first, second]]
    : labels.length === 1
      ? [[first, from]]
      : labels.length === 2
        ? [
            [first, second],
            [second, from],
          ]
        : labels.length === 3
          ? [[second, labels[2] ?? '']]
          : [];
  // The API server's own name: every cluster has it, and it is no service of anybody.
  if (candidates.some(([name, namespace]) => name === 'kubernetes' && namespace === 'default'))
    return { kind: 'unclear' };
  for (const [index, [name, namespace]] of candidates.entries()) {
    const service = find(name, namespace);
    // `pod.service` is a name only where the Service is headless.
    if (service && (index === 0 && labels.length !== 3 ? true : service.spec.clusterIP === 'None' || clusterName))
      return portOf(service, port);
  }
  const missingFrom = (namespace: string): Destination =>
    directory.complete(namespace) ? { kind: 'absent' } : { kind: 'unread', namespace };
  if (clusterName) return missingFrom(second);
  if (labels.length === 1) return missingFrom(from);
  if (labels.length === 2 && directory.namespaces.has(second)) return missingFrom(second);
  if (labels.length === 2 && !directory.allNamespaces && !topLevel.test(second)) return missingFrom(second);
  if (labels.length === 2 && directory.allNamespaces && !endsOutside(second))
    return { kind: 'absent', noNamespace: second };
  return { kind: 'outside' };
}

function portOf(service: KubeService, port: number | undefined): Destination {
  const ports = service.spec.ports ?? [];
  if (port === undefined)
    return ports.length === 1 && ports[0] ? { kind: 'service', service, port: ports[0] } : { kind: 'service', service };
  const found = ports.find((candidate) => candidate.port === port);
  if (found) return { kind: 'service', service, port: found };
  if (ports.some((candidate) => candidate.port === laterPort)) return { kind: 'service', service };
  // A headless name leads to the pods themselves, and an ExternalName out of the cluster: there any port may answer.
  return service.spec.clusterIP === 'None' || service.spec.type === 'ExternalName'
    ? { kind: 'service', service }
    : { kind: 'no-port', service };
}
