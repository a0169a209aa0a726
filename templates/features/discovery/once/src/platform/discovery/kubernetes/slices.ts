/** As much as we read of `discovery.k8s.io/v1`, EndpointSlice. */
export interface EndpointSlice {
  metadata: { name: string; resourceVersion?: string };
  addressType: 'IPv4' | 'IPv6' | 'FQDN';
  endpoints?: readonly Endpoint[] | null;
  ports?: readonly Port[] | null;
}

interface Endpoint {
  addresses: readonly string[];
  conditions?: { ready?: boolean | null; serving?: boolean | null; terminating?: boolean | null };
}

interface Port {
  name?: string | null;
  port?: number | null;
}

/** A Service of Kubernetes, as an address names it. */
export interface Target {
  protocol: string;
  service: string;
  namespace: string;
  /** Name of its port, where the address says one. */
  portName: string | undefined;
  /** Number of the port of the pods, where the address says one. */
  port: number | undefined;
}

/** `http://payments`, `http://payments.shop`, `http://_grpc._tcp.payments.shop.svc.cluster.local`. */
export function readTarget({ protocol, hostname, port }: URL, ownNamespace: string): Target {
  const labels = hostname.split('.');
  const portName = labels[0]?.startsWith('_') ? labels.splice(0, 2)[0]?.slice(1) : undefined;
  const [service = '', namespace = ownNamespace] = labels;
  return { protocol, service, namespace, portName, port: port === '' ? undefined : Number(port) };
}

/**
 * Where the pods are that get requests now. Several slices belong to one Service, from a hundred pods on and for each
 * family of addresses; of two families the first is enough, since the pods are the same.
 *
 * @throws Error where it cannot be told which port is meant
 */
export function originsIn(slices: Iterable<EndpointSlice>, target: Target): string[] {
  const found = { IPv4: new Found(), IPv6: new Found(), FQDN: new Found() };
  for (const slice of slices) {
    const { ready, leaving } = found[slice.addressType];
    const endpoints = slice.endpoints ?? [];
    if (endpoints.length === 0) continue;
    const port = portOf(slice.ports ?? [], target);
    for (const { addresses, conditions = {} } of endpoints) {
      // The addresses of one endpoint are alike; the API promises the first alone.
      const [address] = addresses;
      if (address === undefined) continue;
      const host = slice.addressType === 'IPv6' ? `[${address}]` : address;
      const { origin } = new URL(`${target.protocol}//${host}:${port}`);
      // Absent means yes, says the API.
      if (conditions.ready ?? true) ready.push(origin);
      else if (conditions.serving && conditions.terminating) leaving.push(origin);
    }
  }
  const { IPv4, IPv6, FQDN } = found;
  const family = [IPv4, IPv6, FQDN].find(({ ready, leaving }) => ready.length + leaving.length > 0);
  // Where every pod is on its way out, those that still serve are better than none.
  return family ? (family.ready.length > 0 ? family.ready : family.leaving) : [];
}

class Found {
  readonly ready: string[] = [];
  readonly leaving: string[] = [];
}

/** A slice knows the ports of the pods, not those of the Service: so the name decides, or there is only one. */
function portOf(ports: readonly Port[], { service, portName, port, protocol }: Target): number {
  const named = (name: string) => ports.find((one) => (one.name ?? '') === name);
  const chosen =
    portName === undefined
      ? (ports.find((one) => one.port === port) ?? (ports.length === 1 ? ports[0] : named(protocol.replace(':', ''))))
      : named(portName);
  if (chosen?.port) return chosen.port;
  const names = ports.map(({ name }) => name || 'one without a name').join(', ') || 'none';
  throw new Error(
    `which port of ${service} is meant is not clear (${names}): its address says it as _name._tcp.${service}`,
  );
}
