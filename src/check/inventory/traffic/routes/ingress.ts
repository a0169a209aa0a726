import type { KubeObject } from '../../../sources/snapshot.ts';
import type { Facts } from '../../facts.ts';
import { at, items, text } from '../../kubernetes/fields.ts';
import { namespaceOf } from '../../kubernetes/types.ts';
import { accepted, type Backend, backend, pending, programRuns, type RouteKind, type RouteState } from './route.ts';

export const ingressClasses = 'ingressclasses.networking.k8s.io';

/** What a controller is called in IngressClasses, the program that it is, and how it is told to write an address. */
const programs: readonly { controller: RegExp; name: string; image: RegExp; publish: string }[] = [
  {
    controller: /^traefik\.io\/ingress-controller/,
    name: 'Traefik',
    image: /(^|\/)traefik$/,
    publish: '--providers.kubernetesingress.ingressendpoint.publishedservice',
  },
  {
    controller: /^k8s\.io\/ingress-nginx/,
    name: 'ingress-nginx',
    image: /ingress-nginx\/controller$|nginx-ingress-controller$/,
    publish: '--publish-service',
  },
  {
    controller: /^nginx\.org\/ingress-controller/,
    name: 'NGINX Ingress Controller',
    image: /nginx\/nginx-ingress$|nginx-ic\//,
    publish: '-report-ingress-status',
  },
  {
    controller: /^(haproxy\.org\/ingress-controller|haproxy-ingress\.github\.io\/controller)/,
    name: 'HAProxy',
    image: /haproxy[-_]ingress$|haproxytech\/kubernetes-ingress$/,
    publish: '--publish-service',
  },
  {
    controller: /^ingress-controllers\.konghq\.com\/kong/,
    name: 'Kong',
    image: /kong\/(kubernetes-ingress-controller|kong(-gateway)?)$|(^|\/)kong$/,
    publish: 'CONTROLLER_PUBLISH_SERVICE',
  },
  {
    controller: /^projectcontour\.io\//,
    name: 'Contour',
    image: /(^|\/)contour$/,
    publish: '--envoy-service-name',
  },
  {
    controller: /^apisix\.apache\.org\//,
    name: 'APISIX',
    image: /apisix-ingress-controller$/,
    publish: 'ingress_publish_service',
  },
  {
    controller: /^getambassador\.io\//,
    name: 'Emissary',
    image: /(emissary|ambassador|aes)$/,
    publish: 'the annotation getambassador.io/ambassador-id and its Service',
  },
];

/** Balancers of a cloud, or before the cluster, that reach pods through node ports unless told to use their addresses. */
const balancers =
  /^(ingress\.k8s\.aws\/alb|eks\.amazonaws\.com\/alb|k8s\.io\/ingress-gce|ingress\.k8s\.alibabacloud\/alb|oci\.oraclecloud\.com\/native-ingress-controller|ako\.vmware\.com\/avi-lb|f5\.com\/cntr-ingress-svcs)$/;
/** Values of the old annotation that such controllers look for by themselves, where no class has that name. */
const annotated = /^(alb|gce|gce-internal|cce|qcloud)$/;
/** Written into an Ingress by GKE's controller, which serves those that name no class. */
const byGke =
  /^ingress\.kubernetes\.io\/(backends|url-map|forwarding-rule|target-proxy|https-forwarding-rule|https-target-proxy)$/;

interface IngressClassOf {
  name?: string;
  /** Named in the annotation that is older than classes. */
  annotated?: true;
  /** Undefined where no such class was seen. */
  controller?: string;
}

function classOf(ingress: KubeObject, facts: Facts): IngressClassOf {
  const classes = facts.list(ingressClasses);
  const old = ingress.metadata.annotations?.['kubernetes.io/ingress.class'];
  const name = text(at(ingress, 'spec', 'ingressClassName')) ?? old;
  const found = classes.find(({ metadata }) =>
    name === undefined
      ? metadata.annotations?.['ingressclass.kubernetes.io/is-default-class'] === 'true'
      : metadata.name === name,
  );
  const controller = text(at(found, 'spec', 'controller'));
  return {
    ...((name ?? found) ? { name: name ?? found?.metadata.name ?? '' } : {}),
    ...(old !== undefined && name === old ? { annotated: true as const } : {}),
    ...(controller ? { controller } : {}),
  };
}

const backendsOf = (ingress: KubeObject): Backend[] =>
  [
    at(ingress, 'spec', 'defaultBackend'),
    ...items(at(ingress, 'spec', 'rules')).flatMap((rule) =>
      items(at(rule, 'http', 'paths')).map((path) => at(path, 'backend')),
    ),
  ].flatMap((entry) =>
    backend(
      namespaceOf(ingress),
      at(entry, 'service', 'name'),
      at(entry, 'service', 'port', 'number') ?? at(entry, 'service', 'port', 'name'),
    ),
  );

const noAddress = '(status.loadBalancer is empty)';

/** An address in its status is the controller's word; without one, what its class says of who should have given it. */
function stateOf(ingress: KubeObject, facts: Facts): RouteState {
  if (items(at(ingress, 'status', 'loadBalancer', 'ingress')).length > 0) return accepted;
  const { name, controller, annotated } = classOf(ingress, facts);
  const program = programs.find((each) => controller !== undefined && each.controller.test(controller));
  const running = program && programRuns(facts, program.image);
  if (program && running)
    return pending(
      `${program.name} (${running.key}), which its class ${name} means, has written no address into it ${noAddress}: it may serve it all the same, or not`,
      `Ask ${program.name} for it, with its host name; let it publish its address (${program.publish}), so that everybody can see that it serves it.`,
    );
  if (!facts.ledger.complete(ingressClasses) || annotated || controller)
    return pending(`no controller has given it an address ${noAddress}`);
  return pending(
    name === undefined
      ? `it names no class, no class is the default, and no controller has given it an address ${noAddress}`
      : `its class ${name} does not exist, and no controller has given it an address ${noAddress}`,
    name === undefined
      ? 'Set spec.ingressClassName to a class of kubectl get ingressclasses.'
      : `Install the controller that brings the class ${name}, or name one of kubectl get ingressclasses.`,
  );
}

function nodePortsOf(ingress: KubeObject, facts: Facts): 'used' | 'unclear' | undefined {
  const annotations = ingress.metadata.annotations ?? {};
  if (annotations['alb.ingress.kubernetes.io/target-type'] === 'ip') return undefined;
  const { name, controller, annotated: old } = classOf(ingress, facts);
  if (controller !== undefined) return balancers.test(controller) ? 'used' : undefined;
  if (name === undefined) return Object.keys(annotations).some((key) => byGke.test(key)) ? 'used' : undefined;
  if (old && annotated.test(name)) return 'used';
  return facts.ledger.complete(ingressClasses) ? undefined : 'unclear';
}

export const ingressRoutes: RouteKind = {
  part: 'ingresses.networking.k8s.io',
  backends: backendsOf,
  state: stateOf,
  nodePorts: nodePortsOf,
};
