import { at, items, text, texts } from '../kubernetes/fields.ts';
import type { KubeService } from '../kubernetes/types.ts';

const yes = /^(true|1|yes)$/i;

/** Annotations by which a provider keeps a balancer inside the network, each with the values that say so. */
const internal: readonly (readonly [name: string, value: RegExp])[] = [
  ['service.beta.kubernetes.io/aws-load-balancer-scheme', /^internal$/],
  ['service.beta.kubernetes.io/aws-load-balancer-internal', /^(true|0\.0\.0\.0\/0)$/],
  ['networking.gke.io/load-balancer-type', /^internal$/i],
  ['cloud.google.com/load-balancer-type', /^internal$/i],
  ['service.beta.kubernetes.io/azure-load-balancer-internal', yes],
  ['service.beta.kubernetes.io/openstack-internal-load-balancer', yes],
  ['service.beta.kubernetes.io/alibaba-cloud-loadbalancer-address-type', /^intranet$/],
  ['service.kubernetes.io/qcloud-loadbalancer-internal-subnetid', /./],
  ['service.beta.kubernetes.io/oci-load-balancer-internal', yes],
  ['oci-network-load-balancer.oraclecloud.com/internal', yes],
  ['service.kubernetes.io/ibm-load-balancer-cloud-provider-ip-type', /^private$/],
  ['service.beta.kubernetes.io/cce-load-balancer-internal-vpc', yes],
  ['service.beta.kubernetes.io/do-loadbalancer-network', /^internal$/i],
  ['yandex.cloud/load-balancer-type', /^internal$/],
  ['load-balancer.hetzner.cloud/disable-public-network', yes],
  ['service.beta.kubernetes.io/scw-loadbalancer-private', yes],
];

const awsScheme = 'service.beta.kubernetes.io/aws-load-balancer-scheme';
const awsType = 'service.beta.kubernetes.io/aws-load-balancer-type';
/** Controllers whose balancers are internal unless they are told otherwise. */
const insideByDefault = /^(service\.k8s\.aws\/nlb|eks\.amazonaws\.com\/nlb|tailscale)$/;

const ofPrivateNetworks =
  /^(10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.|f[cd][0-9a-f]{2}:)/i;

/** Where it is said that a balancer serves a private network only; undefined where nothing says so. */
export function internalBy(service: KubeService): { path: string; value: string } | undefined {
  const annotations = service.metadata.annotations ?? {};
  const path = (name: string): string => `metadata.annotations["${name}"]`;
  for (const [name, pattern] of internal) {
    const value = annotations[name];
    if (value !== undefined && pattern.test(value)) return { path: path(name), value };
  }
  if (annotations[awsScheme] === undefined) {
    const kind = text(at(service, 'spec', 'loadBalancerClass')) ?? '';
    if (insideByDefault.test(kind)) return { path: 'spec.loadBalancerClass', value: kind };
    const type = annotations[awsType] ?? '';
    if (/^(external|nlb-ip)$/.test(type)) return { path: path(awsType), value: type };
  }
  const given = items(at(service, 'spec', 'loadBalancerSourceRanges'));
  const ranges = texts(given);
  return ranges.length > 0 && ranges.length === given.length && ranges.every((range) => ofPrivateNetworks.test(range))
    ? { path: 'spec.loadBalancerSourceRanges', value: ranges.join(', ') }
    : undefined;
}
