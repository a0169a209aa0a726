import type { Facts } from '../facts.ts';
import type { Component } from '../graph/components.ts';
import { mainContainer } from '../graph/main-container.ts';
import { readyPods, type Workload } from '../kubernetes/workloads.ts';
import { perRun } from '../per-run.ts';
import { vendorOf } from './vendor-agents.ts';

/** A DaemonSet that may take traces on the node it runs on. */
export interface NodeListener {
  component: Component;
  workload: Workload;
  /** Nodes on which a pod of it is ready. */
  nodes: ReadonlySet<string>;
  /** It is one by its image; else only a word in a name says so. */
  known: boolean;
}

const takers = new Set(['collector', 'agent', 'tracing']);

/** Every DaemonSet that is an agent for traces, or may be one. */
const nodeListeners = perRun((facts): readonly NodeListener[] =>
  facts.components.flatMap((component) =>
    component.workloads
      .filter(({ kind }) => kind === 'DaemonSet')
      .flatMap((workload): NodeListener[] => {
        const known = takers.has(facts.classOf(component).role ?? '') || vendorOf(component) !== undefined;
        const named = workload.spec.containers.some(({ image = '' }) =>
          /agent|collector|otel|apm|trac(e|ing)/i.test(image),
        );
        if (!known && !named) return [];
        const nodes = new Set(readyPods(workload).flatMap(({ spec }) => spec.nodeName ?? []));
        return [{ component, workload, nodes, known }];
      }),
  ),
);

/** The port of its pod that a port of the node leads to; undefined where nothing of it listens there. */
export function podPortOf({ workload }: NodeListener, port: number): number | undefined {
  const { spec } = workload;
  const ports = spec.containers.flatMap((container) => container.ports ?? []);
  const opened = ports.find(({ hostPort }) => hostPort === port)?.containerPort;
  return opened ?? (spec.hostNetwork ? port : undefined);
}

/** Folders of the node that it has. */
export const hostFolders = ({ workload }: NodeListener): string[] =>
  (workload.spec.volumes ?? []).flatMap(({ hostPath }) => hostPath?.path?.replace(/(?<=.)\/+$/, '') ?? []);

/** Those that may be behind a port of the node, or a file on it, the likely first. */
export function listenersAt(
  { port, folder }: { port?: number | undefined; folder?: string | undefined },
  facts: Facts,
): NodeListener[] {
  const all = nodeListeners(facts);
  const there = all.filter((listener) =>
    folder !== undefined
      ? hostFolders(listener).some((own) => folder === own || folder.startsWith(`${own === '/' ? '' : own}/`))
      : port !== undefined && podPortOf(listener, port) !== undefined,
  );
  return [...there].sort((a, b) => Number(b.known) - Number(a.known));
}

/** Some DaemonSet that may take traces, wherever it listens. */
export const anyListener = (facts: Facts): NodeListener | undefined => nodeListeners(facts)[0];

/** The folder on the node that a file within the app lies in; undefined where its pods mount none there. */
export function hostFolderOf(component: Component, file: string): { folder?: string; mounted: boolean } {
  const specs = component.workloads.flatMap(({ spec, pods }) => [spec, ...pods.slice(0, 1).map((pod) => pod.spec)]);
  const name = mainContainer(component)?.name;
  for (const { containers, volumes = [] } of specs)
    for (const container of containers.filter((each) => name === undefined || each.name === name))
      for (const { name: volume, mountPath = '' } of container.volumeMounts ?? []) {
        const place = mountPath.replace(/(?<=.)\/+$/, '');
        const below = file === place || file.startsWith(`${place}/`);
        if (!below || place === '') continue;
        const path = volumes.find((each) => each.name === volume)?.hostPath?.path;
        if (path === undefined) return { mounted: true };
        const whole = `${path.replace(/\/+$/, '')}${file.slice(place.length)}`;
        return { mounted: true, folder: whole === path ? whole : whole.slice(0, Math.max(1, whole.lastIndexOf('/'))) };
      }
  return { mounted: false };
}
