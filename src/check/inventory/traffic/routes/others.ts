import { appContainers } from '../../configuration/references.ts';
import { amount, at, condition, fields, items, text } from '../../kubernetes/fields.ts';
import { imageReference } from '../../kubernetes/images.ts';
import { keyOf, namespaceOf } from '../../kubernetes/types.ts';
import { readyPods } from '../../kubernetes/workloads.ts';
import { perRun } from '../../per-run.ts';
import { accepted, type Backend, backend, hostBackend, pending, type RouteKind, refused, servedBy } from './route.ts';

const contour: RouteKind = {
  part: 'httpproxies.projectcontour.io',
  backends: (proxy) =>
    [...items(at(proxy, 'spec', 'routes')), at(proxy, 'spec', 'tcpproxy')].flatMap((route) =>
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
};

/** Its port is the pods' own, or the name of their endpoints; requests may be spread over several Services. */
const openshift: RouteKind = {
  part: 'routes.route.openshift.io',
  backends: (route) =>
    [at(route, 'spec', 'to'), ...items(at(route, 'spec', 'alternateBackends'))]
      .filter((target) => (text(at(target, 'kind')) ?? 'Service') === 'Service')
      .flatMap((target) => backend(namespaceOf(route), at(target, 'name'), at(route, 'spec', 'port', 'targetPort')))
      .map((end): Backend => ({ ...end, portOfPods: true })),
  state: (route) =>
    items(at(route, 'status', 'ingress')).some((ingress) => condition(ingress, 'Admitted') === true)
      ? accepted
      : pending('no router has admitted it'),
};

const emissary = ['mappings', 'tcpmappings'].map(
  (plural): RouteKind => ({
    part: `${plural}.getambassador.io`,
    backends: (mapping, facts) => hostBackend(at(mapping, 'spec', 'service'), mapping, facts),
    state: servedBy('Emissary', /(emissary|ambassador|aes)$/),
  }),
);

const apisix: RouteKind = {
  part: 'apisixroutes.apisix.apache.org',
  backends: (route) =>
    [
      ...items(at(route, 'spec', 'http')).flatMap((entry) => items(at(entry, 'backends'))),
      ...items(at(route, 'spec', 'stream')).map((entry) => at(entry, 'backend')),
    ].flatMap((target) => backend(namespaceOf(route), at(target, 'serviceName'), at(target, 'servicePort'))),
  state: servedBy('APISIX', /(^|\/)apisix$/),
};

const kong = ['tcpingresses', 'udpingresses'].map(
  (plural): RouteKind => ({
    part: `${plural}.configuration.konghq.com`,
    backends: (ingress) =>
      items(at(ingress, 'spec', 'rules')).flatMap((rule) =>
        backend(namespaceOf(ingress), at(rule, 'backend', 'serviceName'), at(rule, 'backend', 'servicePort')),
      ),
    state: servedBy('Kong', /(^|\/)kong(-gateway)?$/),
  }),
);

/** Kinds of NGINX's own controller, which says in their status what it made of them. */
const nginx = ['virtualservers', 'virtualserverroutes', 'transportservers'].map(
  (plural): RouteKind => ({
    part: `${plural}.k8s.nginx.org`,
    backends: (server) =>
      items(at(server, 'spec', 'upstreams')).flatMap((upstream) =>
        backend(namespaceOf(server), at(upstream, 'service'), at(upstream, 'port')),
      ),
    state: (server) => {
      const state = text(at(server, 'status', 'state'));
      return state === 'Valid' || state === 'Warning'
        ? accepted
        : state === 'Invalid'
          ? refused('NGINX calls it invalid')
          : pending('NGINX has not taken it up');
    },
  }),
);

/** Targets of a balancer that was made outside; by their nodes, unless the pods' addresses are registered. */
const aws: RouteKind = {
  part: 'targetgroupbindings.elbv2.k8s.aws',
  backends: (binding) =>
    backend(namespaceOf(binding), at(binding, 'spec', 'serviceRef', 'name'), at(binding, 'spec', 'serviceRef', 'port')),
  state: (binding) =>
    amount(at(binding, 'status', 'observedGeneration')) ? accepted : pending('no controller has taken it up'),
  nodePorts: (binding) => (at(binding, 'spec', 'targetType') === 'ip' ? undefined : 'used'),
};

const negStatus = 'cloud.google.com/neg-status';

/** Endpoint groups of Google for a balancer that was made outside; those of an Ingress are told with the Ingress. */
const google: RouteKind = {
  part: 'services',
  backends: (service) =>
    (service.metadata.annotations?.['cloud.google.com/neg'] ?? '').includes('exposed_ports')
      ? backend(namespaceOf(service), service.metadata.name)
      : [],
  state: (service) =>
    (service.metadata.annotations?.[negStatus] ?? '').includes('network_endpoint_groups')
      ? accepted
      : pending(`no controller has made its endpoint groups (the annotation ${negStatus} is not there)`),
};

const streamControllers =
  /ingress-nginx\/controller$|nginx-ingress-controller$|haproxy[-_]ingress$|haproxytech\/kubernetes-ingress$/;
const streamFlag =
  /^--(?:tcp-services-configmap|udp-services-configmap|configmap-tcp-services)=(?:\$\(\w+\)|([a-z0-9-]+))\/([a-z0-9.-]+)$/;

/** ConfigMaps that controllers which run take TCP and UDP ports from, by their arguments. */
const streamMaps = perRun(
  (facts): ReadonlySet<string> =>
    new Set(
      facts.components.flatMap(({ workloads }) =>
        workloads
          .filter((workload) => readyPods(workload).length > 0)
          .flatMap((workload) =>
            appContainers(workload)
              .filter(({ image }) => streamControllers.test(imageReference(image ?? '').repository))
              .flatMap(({ command, args }) => [...(command ?? []), ...(args ?? [])])
              .flatMap((word) => {
                const [, namespace = workload.namespace, name] = streamFlag.exec(word) ?? [];
                return name ? [`${namespace}/${name}`] : [];
              }),
          ),
      ),
    ),
);

/** `"9000": "shop/orders:8080"`, as controllers of Ingress take what an Ingress cannot say. */
const streams: RouteKind = {
  part: 'configmaps',
  backends: (map, facts) =>
    streamMaps(facts).has(keyOf(map))
      ? Object.values(fields(map['data'])).flatMap((value) => {
          const [, namespace = '', name, port = ''] = /^([^/:]+)\/([^/:]+):([^:]+)/.exec(text(value) ?? '') ?? [];
          return backend(namespace, name, port);
        })
      : [],
  state: () => accepted,
};

export const otherRoutes: readonly RouteKind[] = [
  contour,
  openshift,
  ...emissary,
  apisix,
  ...kong,
  ...nginx,
  aws,
  google,
  streams,
];
