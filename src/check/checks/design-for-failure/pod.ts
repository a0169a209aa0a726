import type { Component } from '../../inventory/graph/components.ts';
import { mainContainerOf } from '../../inventory/graph/main-container.ts';
import { amount, at, texts } from '../../inventory/kubernetes/fields.ts';
import { type Container, nameOf, type PodSpec, type Resources } from '../../inventory/kubernetes/types.ts';
import { type Workload, workloadName } from '../../inventory/kubernetes/workloads.ts';
import type { Found } from './reasons.ts';

/** Kubernetes' own where nothing is said, in seconds. */
const usualGrace = 30;

interface Place {
  container: Container;
  object: string;
  path: string;
  spec: PodSpec;
}

/** The app's own container: of a live pod where there is one, for the namespace's defaults stand only there. */
function placeOf(component: Component, workload: Workload): Place | undefined {
  const main = mainContainerOf(component, workload);
  const [pod] = workload.pods;
  const [spec, object, path] = pod
    ? [pod.spec, nameOf(pod), 'spec']
    : [workload.spec, workloadName(workload), workload.specPath];
  const index = spec.containers.findIndex(({ name }) => name === main?.name);
  const container = spec.containers[index];
  return container && { container, object, path: `${path}.containers[${index}]`, spec };
}

/** What each of its pods is given, and how long it has to end. */
export function judgePod(component: Component, workload: Workload): Found[] {
  const place = placeOf(component, workload);
  return place ? [...judgeRequests(place, workload.name), ...judgeGrace(place, workload)] : [];
}

/** A limit without a request is one: the API server writes it so. */
const asks = (name: string, ...given: readonly (Resources | undefined)[]): boolean =>
  given.some((each) => each?.requests?.[name] !== undefined || each?.limits?.[name] !== undefined);

function judgeRequests({ container, object, path, spec }: Place, key: string): Found[] {
  const missing = ['cpu', 'memory'].filter((name) => !asks(name, container.resources, spec.resources));
  if (missing.length === 0) return [];
  return [
    {
      status: 'warn',
      reason: 'NO_REQUESTS',
      message: `container ${container.name} asks for no ${missing.join(' and no ')}: the scheduler puts it where there is no room, and it is the first to go`,
      evidence: [{ object, path: `${path}.resources` }],
      fix: `Set resources.requests to what it needs (kubectl top pod shows what it takes now), and a limit for memory.`,
      key,
    },
  ];
}

/** How long the hook sleeps, in seconds, as far as it says so. */
function sleepOf({ lifecycle }: Container): number | undefined {
  const hook = lifecycle?.preStop;
  const words = texts(at(hook, 'exec', 'command')).join(' ');
  const slept = /(?:^|[\s;&|/])sleep\s+(\d{1,5})(?:s?\b|$)/.exec(words)?.[1];
  return amount(at(hook, 'sleep', 'seconds')) ?? (slept === undefined ? undefined : Number(slept));
}

function judgeGrace({ container, object, path, spec }: Place, workload: Workload): Found[] {
  const seconds = sleepOf(container);
  const grace = spec.terminationGracePeriodSeconds ?? usualGrace;
  if (seconds === undefined || seconds < grace) return [];
  return [
    {
      status: 'warn',
      reason: 'GRACE_TOO_SHORT',
      message: `its preStop hook sleeps ${seconds} s, and after ${grace} s it is killed: what is under way then is cut`,
      evidence: [{ object, path: `${path}.lifecycle.preStop`, value: `sleep ${seconds}` }],
      fix: `Raise ${workload.specPath}.terminationGracePeriodSeconds above the hook and what a request takes (${seconds + usualGrace}, say).`,
      key: workload.name,
    },
  ];
}
