import type { Evidence, GroupResource } from '../../contract.ts';
import { addressesIn } from '../configuration/address.ts';
import type { Facts } from '../facts.ts';
import { at, fields, items } from '../kubernetes/fields.ts';
import { nameOf } from '../kubernetes/types.ts';
import type { Workload } from '../kubernetes/workloads.ts';

interface LogOperator {
  /** Group of the object that owns the agents it makes. */
  group: string;
  /** What says that it is meant to make agents. */
  agents: readonly GroupResource[];
  /** Where outputs are written down; the agent's own configuration is a Secret. */
  outputs: readonly GroupResource[];
}

/** One row an operator. */
const logOperators: readonly LogOperator[] = [
  {
    group: 'logging.banzaicloud.io',
    agents: ['loggings.logging.banzaicloud.io'],
    outputs: ['outputs.logging.banzaicloud.io', 'clusteroutputs.logging.banzaicloud.io'],
  },
  {
    group: 'fluentbit.fluent.io',
    agents: ['fluentbits.fluentbit.fluent.io'],
    outputs: ['outputs.fluentbit.fluent.io', 'clusteroutputs.fluentbit.fluent.io'],
  },
  ...['observability.openshift.io', 'logging.openshift.io'].map((group) => ({
    group,
    agents: [`clusterlogforwarders.${group}`],
    outputs: [`clusterlogforwarders.${group}`],
  })),
  {
    group: 'observability.kaasops.io',
    agents: ['vectors.observability.kaasops.io'],
    outputs: ['vectorpipelines.observability.kaasops.io', 'clustervectorpipelines.observability.kaasops.io'],
  },
];

export const operatorParts: readonly GroupResource[] = logOperators.flatMap(({ agents }) => agents);
export const outputParts: readonly GroupResource[] = [...new Set(logOperators.flatMap(({ outputs }) => outputs))];

/** Outputs that keep nothing: they print, drop or write into the pod. */
const nowhere = /^(stdout|null|nullout|console|blackhole|file|counter)$/i;

/** Texts anywhere inside, with the field that holds each; bounded, since nobody validated it. */
function* texts(value: unknown, key = '', depth = 0): Generator<[key: string, text: string]> {
  if (depth > 12) return;
  if (typeof value === 'string') yield [key, value];
  else if (Array.isArray(value)) for (const item of items(value)) yield* texts(item, key, depth + 1);
  else for (const [name, inner] of Object.entries(fields(value))) yield* texts(inner, name, depth + 1);
}

const isAddress = (key: string): boolean =>
  /^(host|hosts|url|urls|endpoint|endpoints|server|servers|address|brokers|bootstrap_servers)$/i.test(key);

/** The operator that made a workload, by its owner. */
export const logOperatorOf = ({ object }: Workload): LogOperator | undefined =>
  logOperators.find(({ group }) =>
    (object?.metadata.ownerReferences ?? []).some(({ apiVersion }) => apiVersion.startsWith(`${group}/`)),
  );

/** Where the operator that made an agent sends logs; undefined where none made it, or its outputs are not written down. */
export function operatorDestination(
  workload: Workload,
  facts: Facts,
): { destination: 'somewhere' | 'absent' | 'nowhere' | 'unread'; evidence: Evidence[] } | undefined {
  const operator = logOperatorOf(workload);
  const objects = operator?.outputs.flatMap((part) => facts.list(part)) ?? [];
  if (objects.length === 0) return undefined;
  const leads = objects.map((object): 'somewhere' | 'absent' | 'nowhere' | 'unread' => {
    const spec = at(object, 'spec');
    const listed = items(at(spec, 'outputs'));
    const sinks =
      listed.length > 0 ? listed.map((each) => ['', each] as const) : Object.entries(fields(at(spec, 'sinks') ?? spec));
    if (sinks.every(([name, sink]) => nowhere.test(name) || nowhere.test(String(at(sink, 'type'))))) return 'nowhere';
    const addresses = [...texts(spec)].flatMap(([key, text]) => (isAddress(key) ? addressesIn(text) : []));
    const kinds = addresses.map(({ host, port }) => facts.resolve(host, port, object.metadata.namespace ?? '').kind);
    if (kinds.includes('unread')) return 'unread';
    return kinds.length > 0 && kinds.every((kind) => kind === 'absent' || kind === 'no-port') ? 'absent' : 'somewhere';
  });
  const best =
    (['somewhere', 'unread', 'absent', 'nowhere'] as const).find((each) => leads.includes(each)) ?? 'nowhere';
  return {
    destination: best,
    evidence: objects.slice(0, 3).map((object) => ({ object: nameOf(object), path: 'spec' })),
  };
}
