import type { Evidence, GroupResource } from '../../../contract.ts';
import type { KubeObject } from '../../../sources/snapshot.ts';
import { appContainers } from '../../configuration/references.ts';
import type { Facts } from '../../facts.ts';
import type { Component } from '../../graph/components.ts';
import { text } from '../../kubernetes/fields.ts';
import { imageOf, imageReference } from '../../kubernetes/images.ts';
import { type KubeService, namespaceOf } from '../../kubernetes/types.ts';
import { readyPods } from '../../kubernetes/workloads.ts';
import { perRun } from '../../per-run.ts';

/** One end of a route: the Service that it names. */
export interface Backend {
  namespace: string;
  name: string;
  port?: number | string;
  /** The port is one of the pods, or the name that their endpoints carry. */
  portOfPods?: true;
  /** It stands for a name that was looked up, and may be given by something that was not read. */
  unread?: true;
}

/** Whether something serves a route. */
export interface RouteState {
  /** accepted: taken up by something that serves it · pending: nothing says so · refused: its status says no. */
  state: 'accepted' | 'pending' | 'refused' | 'unclear';
  /** What is missing, where it is not accepted. */
  why: string;
  /** What to do, where the kind does not say it all. */
  fix?: string;
}

/** A way in from outside that some gateway offers to a Service. */
export interface Route extends Backend, RouteState {
  /** The Service it names; without one, `end` says whether there is none. */
  service?: KubeService;
  end: 'service' | 'absent' | 'unread';
  /** Whether what serves it reaches pods through the ports of nodes. */
  nodePorts?: 'used' | 'unclear';
  evidence: Evidence;
}

/** One kind of route: what it leads to, and how to tell that something serves it. */
export interface RouteKind {
  part: GroupResource;
  backends(object: KubeObject, facts: Facts): Backend[];
  state(object: KubeObject, facts: Facts): RouteState;
  nodePorts?(object: KubeObject, facts: Facts): Route['nodePorts'];
}

export const accepted: RouteState = { state: 'accepted', why: '' };
export const pending = (why: string, fix?: string): RouteState => ({ state: 'pending', why, ...(fix ? { fix } : {}) });
export const refused = (why: string): RouteState => ({ state: 'refused', why });

/** What serves it was not found, which says something only where all that could serve it was read. */
export const missing = (why: string, parts: readonly GroupResource[], facts: Facts): RouteState =>
  parts.every((part) => facts.ledger.complete(part))
    ? pending(why)
    : { state: 'unclear', why: `${why}, as far as could be read` };

export const backend = (namespace: string, name: unknown, port?: unknown): Backend[] => {
  const found = text(name);
  if (!found) return [];
  return [{ namespace, name: found, ...(typeof port === 'number' || typeof port === 'string' ? { port } : {}) }];
};

/** The Service behind a name as programs are given it; a name of something else is no end that could be missing. */
export function hostBackend(host: unknown, object: KubeObject, facts: Facts, port?: number): Backend[] {
  const [name = '', digits] =
    (text(host) ?? '')
      .replace(/^[a-z]+:\/\//, '')
      .split('/')[0]
      ?.split(':') ?? [];
  if (name === '') return [];
  const number = port ?? (digits && /^\d{1,5}$/.test(digits) ? Number(digits) : undefined);
  const destination = facts.resolve(name, number, namespaceOf(object));
  if ('service' in destination)
    return backend(destination.service.metadata.namespace ?? '', destination.service.metadata.name, number);
  const [service = '', namespace = namespaceOf(object)] = name.split('.');
  if (destination.kind === 'absent') return backend(namespace, service, number);
  return destination.kind === 'unread'
    ? backend(namespace, service, number).map((end) => ({ ...end, unread: true }))
    : [];
}

/** Components of gateways and other programs that are up, by the repositories of their images. */
const running = perRun((facts): readonly { repository: string; component: Component }[] =>
  facts.components.flatMap((component) =>
    component.workloads
      .filter((workload) => readyPods(workload).length > 0)
      .flatMap((workload) =>
        appContainers(workload).map((container) => ({
          repository: imageReference(imageOf(container, [workload]) ?? '').repository,
          component,
        })),
      ),
  ),
);
const found = perRun((): Map<RegExp, Component | undefined> => new Map());

/** A gateway program that is up somewhere, by its image. */
export function programRuns(facts: Facts, pattern: RegExp): Component | undefined {
  const known = found(facts);
  if (!known.has(pattern))
    known.set(pattern, running(facts).find(({ repository }) => pattern.test(repository))?.component);
  return known.get(pattern);
}

/** For routes that carry no status of their own: what serves them is up. */
export const servedBy =
  (name: string, pattern: RegExp) =>
  (_: KubeObject, facts: Facts): RouteState =>
    programRuns(facts, pattern) ? accepted : missing(`no ${name} is up to serve it`, ['pods'], facts);
