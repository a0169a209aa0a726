import type { GroupResource } from '../../contract.ts';
import * as keep from './kept-fields.ts';

/**
 * Where a list is asked for when only some namespaces are judged:
 * subject: in those namespaces, and in the few others where evidence about them lives ·
 * shared: in those namespaces, then in the whole cluster, because addresses lead out of them ·
 * evidence: in the whole cluster, and where that is forbidden in those namespaces ·
 * cluster: the kind has no namespace.
 */
export type Reach = 'subject' | 'shared' | 'evidence' | 'cluster';

/** One row of the table of everything that is ever read. */
export interface Resource {
  part: GroupResource;
  group: string;
  /** Newest first; only fields of these versions are understood. */
  versions: readonly [string, ...string[]];
  kind: string;
  plural: string;
  reach: Reach;
  /** Paths below the object that are kept beside its metadata; lists on the way are passed through. */
  keep: readonly string[];
  /** Names, owners and labels are all that is asked for: spares the server and the wire the rest. */
  metadataOnly?: true;
  /** Holds text of any length: kept as far as there is room (text-room.ts). */
  isText?: true;
  /** Projection version that changed `keep` last; 1 where none did. */
  since?: number;
}

/** Raised whenever the table keeps more or other fields: an older recording cannot answer for them. */
export const projectionVersion = 1;

type Versions = readonly [string, ...string[]];

const irregular: Readonly<Record<string, string>> = {
  ServiceDefaults: 'servicedefaults',
  ProxyDefaults: 'proxydefaults',
};

/** Of a kind, as code generators for Kubernetes derive it. */
function pluralOf(kind: string): string {
  const lower = kind.toLowerCase();
  if (/[^aeiou]y$/.test(lower)) return `${lower.slice(0, -1)}ies`;
  return /(s|x|ch|sh)$/.test(lower) ? `${lower}es` : `${lower}s`;
}

const rows =
  (reach: Reach) =>
  (group: string, versions: Versions, kinds: readonly string[], paths: readonly string[] = keep.custom): Resource[] =>
    kinds.map((kind) => {
      const plural = irregular[kind] ?? pluralOf(kind);
      return { part: group === '' ? plural : `${plural}.${group}`, group, versions, kind, plural, reach, keep: paths };
    });
const subject = rows('subject');
const shared = rows('shared');
const evidence = rows('evidence');
const unscoped = rows('cluster');
const metadataOnly = (resource: Resource): Resource => ({ ...resource, metadataOnly: true });
const text = (resource: Resource): Resource => ({ ...resource, isText: true });

export const resources: readonly Resource[] = [
  ...unscoped('', ['v1'], ['Namespace'], []),
  ...unscoped('', ['v1'], ['Node'], keep.node),
  ...subject('', ['v1'], ['Pod'], keep.pod),
  ...subject('apps', ['v1'], ['ReplicaSet'], []).map(metadataOnly),
  ...subject('', ['v1'], ['ConfigMap'], ['data']).map(text),
  ...subject('apps', ['v1'], ['Deployment'], keep.workload),
  ...subject('apps', ['v1'], ['StatefulSet'], keep.workload),
  ...subject('', ['v1'], ['ReplicationController'], keep.workload),
  ...subject('batch', ['v1'], ['Job'], keep.job),
  ...subject('batch', ['v1'], ['CronJob'], keep.cronJob),
  ...subject('', ['v1'], ['PersistentVolumeClaim'], ['spec.accessModes', 'spec.volumeName', 'status.phase']),
  ...subject('autoscaling', ['v2', 'v1'], ['HorizontalPodAutoscaler'], keep.custom),
  ...subject('policy', ['v1'], ['PodDisruptionBudget'], keep.disruptionBudget),
  ...subject('networking.k8s.io', ['v1'], ['NetworkPolicy'], ['spec']),

  ...shared('', ['v1'], ['Service'], ['spec', 'status.loadBalancer']),
  ...shared('discovery.k8s.io', ['v1'], ['EndpointSlice'], keep.endpointSlice),
  ...evidence('apps', ['v1'], ['DaemonSet'], keep.workload),
  ...evidence('networking.k8s.io', ['v1'], ['Ingress'], ['spec', 'status.loadBalancer']),
  ...unscoped('networking.k8s.io', ['v1'], ['IngressClass'], ['spec']),

  ...evidence('gateway.networking.k8s.io', ['v1', 'v1beta1', 'v1alpha2'], ['Gateway', 'HTTPRoute', 'GRPCRoute']),
  ...evidence('gateway.networking.k8s.io', ['v1', 'v1alpha3', 'v1alpha2'], ['TLSRoute', 'TCPRoute', 'UDPRoute']),
  ...evidence('gateway.networking.k8s.io', ['v1', 'v1beta1'], ['ListenerSet', 'ReferenceGrant']),
  ...unscoped('gateway.networking.k8s.io', ['v1', 'v1beta1'], ['GatewayClass']),
  ...evidence('gateway.networking.x-k8s.io', ['v1alpha1'], ['XBackendTrafficPolicy', 'XListenerSet']),

  ...evidence(
    'networking.istio.io',
    ['v1', 'v1beta1', 'v1alpha3'],
    ['DestinationRule', 'VirtualService', 'Gateway', 'Sidecar'],
  ),
  ...evidence('networking.istio.io', ['v1', 'v1beta1', 'v1alpha3'], ['ServiceEntry', 'WorkloadEntry', 'WorkloadGroup']),
  ...evidence('networking.istio.io', ['v1alpha3'], ['EnvoyFilter']),
  ...evidence(
    'security.istio.io',
    ['v1', 'v1beta1'],
    ['PeerAuthentication', 'RequestAuthentication', 'AuthorizationPolicy'],
  ),
  ...evidence('telemetry.istio.io', ['v1', 'v1alpha1'], ['Telemetry']),
  ...evidence('linkerd.io', ['v1alpha2'], ['ServiceProfile']),
  ...evidence('policy.linkerd.io', ['v1alpha1'], ['EgressNetwork']),
  ...evidence('policy.linkerd.io', ['v1beta3', 'v1beta2', 'v1beta1'], ['HTTPRoute', 'Server']),
  ...evidence(
    'kuma.io',
    ['v1alpha1'],
    ['MeshCircuitBreaker', 'MeshTrace', 'MeshAccessLog', 'MeshTimeout', 'MeshRetry'],
  ),
  ...evidence('consul.hashicorp.com', ['v1alpha1'], ['ServiceDefaults', 'ServiceRouter', 'ProxyDefaults']),
  ...evidence('dapr.io', ['v1alpha1'], ['Resiliency', 'Component', 'Configuration'], keep.dapr),
  ...evidence('dapr.io', ['v2alpha1', 'v1alpha1'], ['Subscription'], keep.dapr),
  ...evidence('cilium.io', ['v2'], ['CiliumEnvoyConfig', 'CiliumNetworkPolicy']),
  ...unscoped('cilium.io', ['v2'], ['CiliumClusterwideEnvoyConfig']),
  ...evidence('multicluster.x-k8s.io', ['v1beta1', 'v1alpha1'], ['ServiceImport', 'ServiceExport']),
  ...evidence('net.gke.io', ['v1'], ['ServiceImport', 'ServiceExport']),

  ...evidence(
    'gateway.envoyproxy.io',
    ['v1alpha1'],
    ['BackendTrafficPolicy', 'ClientTrafficPolicy', 'SecurityPolicy', 'EnvoyProxy'],
  ),
  ...evidence(
    'traefik.io',
    ['v1alpha1'],
    ['IngressRoute', 'IngressRouteTCP', 'IngressRouteUDP', 'Middleware', 'TraefikService'],
  ),
  ...evidence(
    'traefik.containo.us',
    ['v1alpha1'],
    ['IngressRoute', 'IngressRouteTCP', 'IngressRouteUDP', 'Middleware', 'TraefikService'],
  ),
  ...evidence('configuration.konghq.com', ['v1beta1'], ['KongUpstreamPolicy', 'TCPIngress', 'UDPIngress']),
  ...evidence('configuration.konghq.com', ['v1'], ['KongPlugin', 'KongIngress'], keep.kong),
  ...unscoped('configuration.konghq.com', ['v1'], ['KongClusterPlugin'], keep.kong),
  ...evidence('apisix.apache.org', ['v2'], ['ApisixRoute', 'ApisixUpstream', 'ApisixPluginConfig', 'ApisixTls']),
  ...evidence('getambassador.io', ['v3alpha1', 'v2'], ['Mapping', 'Module', 'Host', 'Listener', 'TCPMapping']),
  ...evidence('k8s.nginx.org', ['v1', 'v1alpha1'], ['VirtualServer', 'VirtualServerRoute', 'TransportServer']),
  ...evidence('projectcontour.io', ['v1'], ['HTTPProxy']),
  ...evidence('route.openshift.io', ['v1'], ['Route'], ['spec', 'status.ingress']),
  ...evidence('elbv2.k8s.aws', ['v1beta1'], ['TargetGroupBinding']),

  ...evidence('opentelemetry.io', ['v1beta1', 'v1alpha1'], ['OpenTelemetryCollector']),
  ...evidence('opentelemetry.io', ['v1alpha1'], ['Instrumentation']),
  ...evidence('monitoring.coreos.com', ['v1'], ['ServiceMonitor', 'PodMonitor'], ['spec']),
  ...evidence('jaegertracing.io', ['v1'], ['Jaeger']),
  ...evidence('tempo.grafana.com', ['v1alpha1'], ['TempoStack', 'TempoMonolithic']),
  ...evidence(
    'logging.banzaicloud.io',
    ['v1beta1'],
    ['Flow', 'ClusterFlow', 'Output', 'ClusterOutput', 'SyslogNGFlow'],
  ),
  ...unscoped('logging.banzaicloud.io', ['v1beta1'], ['Logging', 'FluentbitAgent']),
  ...evidence('fluentbit.fluent.io', ['v1alpha2'], ['FluentBit', 'FluentBitConfig', 'Output']),
  ...unscoped('fluentbit.fluent.io', ['v1alpha2'], ['ClusterFluentBitConfig', 'ClusterInput', 'ClusterOutput']),
  ...evidence('fluentd.fluent.io', ['v1alpha1'], ['Fluentd']),
  ...evidence('observability.openshift.io', ['v1'], ['ClusterLogForwarder']),
  ...evidence('logging.openshift.io', ['v1'], ['ClusterLogForwarder', 'ClusterLogging']),
  ...evidence('loki.grafana.com', ['v1', 'v1beta1'], ['LokiStack']),
  ...evidence('observability.kaasops.io', ['v1alpha1'], ['Vector', 'VectorPipeline']),
  ...unscoped('observability.kaasops.io', ['v1alpha1'], ['ClusterVectorPipeline']),

  ...evidence('kafka.strimzi.io', ['v1', 'v1beta2'], ['Kafka', 'KafkaTopic', 'KafkaUser', 'KafkaNodePool']),
  ...evidence('rabbitmq.com', ['v1beta1'], ['RabbitmqCluster', 'Queue', 'Exchange']),
  ...evidence('jetstream.nats.io', ['v1beta2'], ['Stream', 'Consumer']),
  ...evidence('eventing.knative.dev', ['v1'], ['Broker', 'Trigger']),
  ...evidence('messaging.knative.dev', ['v1'], ['Channel', 'Subscription']),
  ...evidence('keda.sh', ['v1alpha1'], ['ScaledObject', 'ScaledJob', 'TriggerAuthentication']),

  ...evidence('serving.knative.dev', ['v1'], ['Service', 'Configuration', 'Revision', 'Route'], keep.knative),
  ...evidence('argoproj.io', ['v1alpha1'], ['Rollout'], keep.workload),
  ...evidence('apps.kruise.io', ['v1alpha1'], ['CloneSet'], keep.workload),
  ...evidence('apps.kruise.io', ['v1beta1', 'v1alpha1'], ['StatefulSet', 'DaemonSet'], keep.workload),
  ...evidence('apps.openshift.io', ['v1'], ['DeploymentConfig'], keep.workload),

  ...evidence('argoproj.io', ['v1alpha1'], ['Application'], keep.argoApplication),
  ...evidence('argoproj.io', ['v1alpha1'], ['ApplicationSet']),
  ...evidence('kustomize.toolkit.fluxcd.io', ['v1', 'v1beta2'], ['Kustomization'], keep.flux),
  ...evidence('helm.toolkit.fluxcd.io', ['v2', 'v2beta2', 'v2beta1'], ['HelmRelease'], keep.flux),
  ...evidence('flagger.app', ['v1beta1'], ['Canary']),
  ...evidence('kappctrl.k14s.io', ['v1alpha1'], ['App'], keep.flux),
  ...evidence('packaging.carvel.dev', ['v1alpha1'], ['PackageInstall'], keep.flux),
  ...evidence('fleet.cattle.io', ['v1alpha1'], ['Bundle', 'BundleDeployment', 'GitRepo'], keep.flux),
  ...evidence('configsync.gke.io', ['v1beta1'], ['RootSync', 'RepoSync'], keep.flux),
];

export const resourceOf: ReadonlyMap<GroupResource, Resource> = new Map(
  resources.map((resource) => [resource.part, resource]),
);
