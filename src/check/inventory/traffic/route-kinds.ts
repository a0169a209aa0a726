import type { Evidence, GroupResource } from '../../contract.ts';
import type { KubeObject } from '../../sources/snapshot.ts';
import { appContainers } from '../configuration/references.ts';
import type { Facts } from '../facts.ts';
import { amount, at, condition, fields, items, text, texts } from '../kubernetes/fields.ts';
import { imageOf, imageReference } from '../kubernetes/images.ts';
import { matches } from '../kubernetes/selectors.ts';
import { type KubeService, nameOf, namespaceOf } from '../kubernetes/types.ts';
import { readyPods } from '../kubernetes/workloads.ts';

/** A way in from outside that some gateway offers to a Service. */
export interface Route {
  /** The Service it names, whether or not it exists. */
  namespace: string;
  name: string;
  port?: number | string;
  service?: KubeService;
  /** accepted: taken up by something that serves it · pending: nothing says so · refused: its status says no. */
  state: 'accepted' | 'pending' | 'refused' | 'unclear';
  /** What is missing, where it is not accepted. */
  why: string;
  evidence: Evidence;
  /** Ingress class, where it matters how the gateway reaches the Service. */
  className?: string;
}

type Backend = { namespace: string; name: string; port?: number | string };
type State = Pick<Route, 'state' | 'why'>;

export interface RouteKind {
  part: GroupResource;
  backends(object: KubeObject): Backend[];
  state(object: KubeObject, facts: Facts): State;
}

const accepted: State = { state: 'accepted', why: '' };
const pending = (why: string): State => ({ state: 'pending', why });
const refused = (why: string): State => ({ state: 'refused', why });

/** What serves it was not found, which says something only where all that could serve it was read. */
const missing = (why: string, parts: readonly GroupResource[], facts: Facts): State =>
  parts.every((part) => facts.ledger.complete(part))
    ? pending(why)
    : { state: 'unclear', why: `${why}, as far as could be read` };

const backend = (namespace: string, name: unknown, port?: unknown): Backend[] => {
  const found = text(name);
  if (!found) return [];
  return [{ namespace, name: found, ...(typeof port === 'number' || typeof port === 'string' ? { port } : {}) }];
};

/** `name`, `name.namespace` or `name.namespace.svc…`, with or without a port. */
function hostBackend(host: unknown, from: string): Backend[] {
  const [name = '', port] =
    (text(host) ?? '')
      .replace(/^[a-z]+:\/\//, '')
      .split('/')[0]
      ?.split(':') ?? [];
  const [service = '', namespace] = name.split('.');
  return backend(namespace ?? from, service || undefined, port ? Number(port) : undefined);
}

/** A gateway program that is up somewhere, by its image: what serves routes that carry no status of their own. */
const runs = (facts: Facts, pattern: RegExp): boolean =>
  facts.components.some((component) =>
    component.workloads.some(
      (workload) =>
        readyPods(workload).length > 0 &&
        appContainers(workload).some((container) =>
          pattern.test(imageReference(imageOf(container, [workload]) ?? '').repository),
        ),
    ),
  );

const servedBy =
  (name: string, pattern: RegExp) =>
  (_: KubeObject, facts: Facts): State =>
    runs(facts, pattern) ? accepted : missing(`no ${name} is up to serve it`, ['pods'], facts);

/** Kinds of parents that let requests in: a Gateway, or a set of listeners that is added to one. */
const entrances: Readonly<Record<string, GroupResource>> = {
  Gateway: 'gateways.gateway.networking.k8s.io',
  ListenerSet: 'listenersets.gateway.networking.k8s.io',
  XListenerSet: 'xlistenersets.gateway.networking.x-k8s.io',
};
export const entranceParts: readonly GroupResource[] = Object.values(entrances);

const entrance = (parent: unknown): GroupResource | undefined => entrances[text(at(parent, 'kind')) ?? 'Gateway'];

function gatewayApiState(route: KubeObject, facts: Facts): State {
  const parents = items(at(route, 'status', 'parents'));
  const wanted = items(at(route, 'spec', 'parentRefs')).filter((parent) => entrance(parent) !== undefined);
  // A route whose parent is a Service is about calls inside the cluster.
  if (wanted.length === 0) return pending('it names no Gateway');
  if (parents.length === 0) return pending('no controller has taken it up (status.parents is empty)');
  for (const parent of parents) {
    if (condition(parent, 'Accepted') === false) return refused('its status says it was not accepted');
    if (condition(parent, 'ResolvedRefs') === false) return refused('its status says that a backend does not resolve');
  }
  if (!parents.some((parent) => condition(parent, 'Accepted') === true))
    return pending('its status does not say that it was accepted');
  const programmed = wanted.some((parent) => {
    const namespace = text(at(parent, 'namespace')) ?? namespaceOf(route);
    const gateway = facts
      .list(entrance(parent) ?? '')
      .find(({ metadata }) => metadata.name === at(parent, 'name') && metadata.namespace === namespace);
    return gateway && condition(gateway.status, 'Programmed') === true;
  });
  return programmed ? accepted : missing('its Gateway is not programmed: nothing listens', entranceParts, facts);
}

const gatewayRoute = (part: GroupResource): RouteKind => ({
  part,
  backends: (route) =>
    items(at(route, 'spec', 'parentRefs')).some((parent) => entrance(parent) !== undefined)
      ? items(at(route, 'spec', 'rules')).flatMap((rule) =>
          items(at(rule, 'backendRefs'))
            .filter((reference) => (text(at(reference, 'kind')) ?? 'Service') === 'Service')
            .flatMap((reference) =>
              backend(
                text(at(reference, 'namespace')) ?? namespaceOf(route),
                at(reference, 'name'),
                amount(at(reference, 'port')),
              ),
            ),
        )
      : [],
  state: gatewayApiState,
});

function istioState(virtualService: KubeObject, facts: Facts): State {
  const names = texts(at(virtualService, 'spec', 'gateways')).filter((name) => name !== 'mesh');
  for (const name of names) {
    const [namespace, own] = name.includes('/') ? name.split('/') : [namespaceOf(virtualService), name];
    const gateway = facts
      .list('gateways.networking.istio.io')
      .find(({ metadata }) => metadata.name === own && metadata.namespace === namespace);
    if (!gateway) continue;
    const selector = Object.fromEntries(
      Object.entries(fields(at(gateway, 'spec', 'selector'))).map(([key, value]) => [key, String(value)]),
    );
    const up = facts.components.some(({ workloads }) =>
      workloads.some((workload) => matches(selector, workload.podLabels) && readyPods(workload).length > 0),
    );
    return up ? accepted : missing(`no ready pod carries the labels that ${nameOf(gateway)} selects`, ['pods'], facts);
  }
  return missing(`the Gateway ${names.join(', ')} does not exist`, ['gateways.networking.istio.io'], facts);
}

/** Every kind of route, one row each: what it leads to, and how to tell that something serves it. */
export const routeKinds: readonly RouteKind[] = [
  {
    part: 'ingresses.networking.k8s.io',
    backends: (ingress) => {
      const all = [
        at(ingress, 'spec', 'defaultBackend'),
        ...items(at(ingress, 'spec', 'rules')).flatMap((rule) =>
          items(at(rule, 'http', 'paths')).map((path) => at(path, 'backend')),
        ),
      ];
      return all.flatMap((entry) =>
        backend(
          namespaceOf(ingress),
          at(entry, 'service', 'name'),
          at(entry, 'service', 'port', 'number') ?? at(entry, 'service', 'port', 'name'),
        ),
      );
    },
    state: (ingress) =>
      items(at(ingress, 'status', 'loadBalancer', 'ingress')).length > 0
        ? accepted
        : pending('no controller has given it an address (status.loadBalancer is empty)'),
  },
  gatewayRoute('httproutes.gateway.networking.k8s.io'),
  gatewayRoute('grpcroutes.gateway.networking.k8s.io'),
  gatewayRoute('tlsroutes.gateway.networking.k8s.io'),
  gatewayRoute('tcproutes.gateway.networking.k8s.io'),
  gatewayRoute('udproutes.gateway.networking.k8s.io'),
  {
    part: 'virtualservices.networking.istio.io',
    backends: (route) =>
      texts(at(route, 'spec', 'gateways')).some((name) => name !== 'mesh')
        ? ['http', 'tcp', 'tls'].flatMap((protocol) =>
            items(at(route, 'spec', protocol)).flatMap((entry) =>
              items(at(entry, 'route')).flatMap((target) =>
                hostBackend(at(target, 'destination', 'host'), namespaceOf(route)).map((found) => ({
                  ...found,
                  ...(amount(at(target, 'destination', 'port', 'number'))
                    ? { port: amount(at(target, 'destination', 'port', 'number')) as number }
                    : {}),
                })),
              ),
            ),
          )
        : [],
    state: istioState,
  },
  ...['traefik.io', 'traefik.containo.us'].flatMap((group) =>
    ['ingressroutes', 'ingressroutetcps'].map(
      (plural): RouteKind => ({
        part: `${plural}.${group}`,
        backends: (route) =>
          items(at(route, 'spec', 'routes')).flatMap((entry) =>
            items(at(entry, 'services'))
              .filter((service) => (text(at(service, 'kind')) ?? 'Service') === 'Service')
              .flatMap((service) =>
                backend(text(at(service, 'namespace')) ?? namespaceOf(route), at(service, 'name'), at(service, 'port')),
              ),
          ),
        state: servedBy('Traefik', /(^|\/)traefik$/),
      }),
    ),
  ),
  {
    part: 'httpproxies.projectcontour.io',
    backends: (proxy) =>
      items(at(proxy, 'spec', 'routes')).flatMap((route) =>
        items(at(route, 'services')).flatMap((service) =>
          backend(namespaceOf(proxy), at(service, 'name'), at(service, 'port')),
        ),
      ),
    state: (proxy) => {
      const valid = condition(proxy.status, 'Valid');
      return valid === true
        ? accepted
        : valid === false
          ? refused('Contour calls it invalid')
          : pending('Contour has not taken it up');
    },
  },
  {
    part: 'routes.route.openshift.io',
    backends: (route) =>
      backend(namespaceOf(route), at(route, 'spec', 'to', 'name'), at(route, 'spec', 'port', 'targetPort')),
    state: (route) =>
      items(at(route, 'status', 'ingress')).some((ingress) => condition(ingress, 'Admitted') === true)
        ? accepted
        : pending('no router has admitted it'),
  },
  {
    part: 'mappings.getambassador.io',
    backends: (mapping) => hostBackend(at(mapping, 'spec', 'service'), namespaceOf(mapping)),
    state: servedBy('Emissary', /(emissary|ambassador|aes)$/),
  },
  {
    part: 'apisixroutes.apisix.apache.org',
    backends: (route) =>
      items(at(route, 'spec', 'http')).flatMap((entry) =>
        items(at(entry, 'backends')).flatMap((target) =>
          backend(namespaceOf(route), at(target, 'serviceName'), at(target, 'servicePort')),
        ),
      ),
    state: servedBy('APISIX', /(^|\/)apisix$/),
  },
  {
    part: 'targetgroupbindings.elbv2.k8s.aws',
    backends: (binding) =>
      backend(
        namespaceOf(binding),
        at(binding, 'spec', 'serviceRef', 'name'),
        at(binding, 'spec', 'serviceRef', 'port'),
      ),
    state: (binding) =>
      amount(at(binding, 'status', 'observedGeneration')) ? accepted : pending('no controller has taken it up'),
  },
  ...['tcpingresses', 'udpingresses'].map(
    (plural): RouteKind => ({
      part: `${plural}.configuration.konghq.com`,
      backends: (ingress) =>
        items(at(ingress, 'spec', 'rules')).flatMap((rule) =>
          backend(namespaceOf(ingress), at(rule, 'backend', 'serviceName'), at(rule, 'backend', 'servicePort')),
        ),
      state: servedBy('Kong', /(^|\/)kong(-gateway)?$/),
    }),
  ),
];
