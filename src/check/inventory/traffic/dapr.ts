import type { Evidence } from '../../contract.ts';
import type { Component } from '../graph/components.ts';
import { at, fields, text } from '../kubernetes/fields.ts';
import { type Workload, workloadName } from '../kubernetes/workloads.ts';

const [enabled, id, port, protocol] = ['enabled', 'app-id', 'app-port', 'app-protocol'].map(
  (name) => `dapr.io/${name}`,
) as [string, string, string, string];

/** Annotations of its pods; those that a CronJob makes stand deeper. */
function annotationsOf({ podAnnotations, object }: Workload): Readonly<Record<string, unknown>> {
  const scheduled = at(object, 'spec', 'jobTemplate', 'spec', 'template', 'metadata', 'annotations');
  return scheduled === undefined ? podAnnotations : fields(scheduled);
}

/** Names by which others call it through Dapr; without one of its own a pod is called by its name. */
export const appIds = (workload: Workload): string[] => {
  const annotations = annotationsOf(workload);
  const given = text(annotations[id]);
  if (given) return [given];
  return annotations[enabled] === 'true' ? workload.pods.map(({ metadata }) => metadata.name) : [];
};

export const appId = (component: Component): string | undefined =>
  component.workloads.map(({ podAnnotations }) => podAnnotations[id]).find(Boolean);

/** A port at which Dapr's sidecar hands calls and messages over to it: it declares a channel, and is no worker. */
export interface DaprChannel {
  id: string;
  port: string;
  protocol: string;
  evidence: Evidence;
}

export function daprChannel(component: Component): DaprChannel | undefined {
  for (const workload of component.workloads) {
    const { podAnnotations: own } = workload;
    const [name, number] = [own[id], own[port]];
    if (own[enabled] !== 'true' || !name || !number || !/^\d{1,5}$/.test(number)) continue;
    return {
      id: name,
      port: number,
      protocol: own[protocol] ?? 'http',
      evidence: {
        object: workloadName(workload),
        path: `${workload.metadataPath}.annotations["${port}"]`,
        value: number,
      },
    };
  }
  return undefined;
}
