import type { Facts } from '../../inventory/facts.ts';
import type { Component } from '../../inventory/graph/components.ts';
import type { Edge } from '../../inventory/graph/edges.ts';
import { nameOf } from '../../inventory/kubernetes/types.ts';
import { behind } from '../../inventory/ledger.ts';
import { silentAddresses } from '../../inventory/telemetry/tracing-signals.ts';
import { unread } from '../define/define-check.ts';
import type { Found } from './reasons.ts';

/** "db.shop.svc.cluster.local" is the Service db in shop. */
const shortName = (host: string): string => host.replace(/^([^.]+)\.([^.]+)\.svc(\..+)?$/, '$1 in $2');

/** What is wrong with the addresses that it uses, one finding a target. */
export function judgeAddresses(component: Component, facts: Facts): Found[] {
  const found = new Map<string, Found>();
  const silent = silentAddresses(component, facts);
  for (const edge of facts.edgesFrom(component)) {
    const key = `${edge.host}${edge.port ? `:${edge.port}` : ''}`;
    const told = `it is told to use ${key}${edge.setting ? ` (${edge.setting})` : ''}`;
    const wrong = judgeAddress(edge, told) ?? judgeAlias(edge, told, facts);
    const unused = silent.has(edge) && wrong?.status === 'warn';
    if (unused && !found.has(key))
      found.set(key, { ...wrong, key, status: 'note', message: `${wrong.message}; its exporter is switched off` });
    else if (wrong && !unused) found.set(key, { ...wrong, key });
  }
  return [...found.values()];
}

function judgeAddress(edge: Edge, told: string): Found | undefined {
  switch (edge.destination) {
    case 'absent':
      return {
        status: 'warn',
        reason: 'ADDRESS_OF_NOTHING',
        message: `${told}, and there is no ${edge.noNamespace ? `namespace ${edge.noNamespace} with a ` : ''}Service of that name`,
        evidence: [edge.evidence],
        fix: `Deploy ${shortName(edge.host)}, or correct the name; where the feature is off, waive this with the reason.`,
      };
    case 'no-port':
      return edge.service && judgePort(edge, nameOf(edge.service), edge.service.spec.ports ?? [], told);
    case 'literal':
      return {
        status: 'fail',
        reason: 'LITERAL_ADDRESS',
        message: `${told.replace('to use', 'to use the address')}, which moves when what has it now is made again`,
        evidence: [edge.evidence],
        fix: 'Use the DNS name of the Service instead of its address or that of a pod.',
      };
    default:
      return undefined;
  }
}

/** A Service of type ExternalName that is another name of one which the cluster lacks. */
function judgeAlias({ service, evidence }: Edge, told: string, facts: Facts): Found | undefined {
  const { type, externalName } = service?.spec ?? {};
  if (!service || type !== 'ExternalName' || !externalName?.includes('.svc')) return undefined;
  const { kind } = facts.resolve(externalName, undefined, service.metadata.namespace ?? '');
  if (kind === 'unread') return unread([behind(externalName)], 'Not every address that it uses is visible');
  if (kind !== 'absent') return undefined;
  return {
    status: 'warn',
    reason: 'ADDRESS_OF_NOTHING',
    message: `${told}, which is another name of ${externalName}, and there is no Service of that name`,
    evidence: [evidence, { object: nameOf(service), path: 'spec.externalName', value: externalName }],
    fix: `Deploy ${shortName(externalName)}, or correct spec.externalName of ${nameOf(service)}.`,
  };
}

function judgePort({ port, evidence }: Edge, name: string, ports: readonly { port: number }[], told: string): Found {
  const offered = ports.map(({ port }) => port).join(', ');
  return {
    status: 'warn',
    reason: 'PORT_OF_NOTHING',
    message: `${told}, and ${name} has no port ${port} (it offers ${offered || 'none'})`,
    evidence: [evidence, { object: name, path: 'spec.ports', value: offered }],
    fix: `Use a port that ${name} offers, or add ${port} to its spec.ports.`,
  };
}
