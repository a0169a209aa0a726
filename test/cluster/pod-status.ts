import type { Json } from './api.ts';

/**
 * What the kubelet would report of a scheduled pod, chosen by its annotation `test.msvc.dev/pod`:
 * ready (default; pods of Jobs are done at once) · unready: runs, its readiness probe fails · crashing: CrashLoopBackOff
 * after three restarts · unpullable: ImagePullBackOff · done: ended with success.
 */
export type PodBehaviour = 'ready' | 'unready' | 'crashing' | 'unpullable' | 'done';

export const behaviourAnnotation = 'test.msvc.dev/pod';

/** Undefined where the status says so already. */
export function podStatus(pod: Json, ip: string, now: Date): Json | undefined {
  const behaviour = behaviourOf(pod);
  // Any pod that was given an address has been reported in full: its behaviour does not change while it lives.
  if (pod.status?.podIP || pod.status?.phase === 'Succeeded') return undefined;
  const at = now.toISOString();
  const ready = behaviour === 'ready';
  const condition = (type: string, holds: boolean) => ({
    type,
    status: holds ? 'True' : 'False',
    lastTransitionTime: at,
  });
  const { containers, initContainers = [] } = pod.spec;
  return {
    phase: behaviour === 'done' ? 'Succeeded' : behaviour === 'unpullable' ? 'Pending' : 'Running',
    podIP: ip,
    podIPs: [{ ip }],
    hostIP: '192.0.2.100',
    startTime: at,
    conditions: [
      condition('Initialized', true),
      condition('ContainersReady', ready),
      condition('Ready', ready),
      condition('PodScheduled', true),
    ],
    initContainerStatuses: initContainers.map((container: Json) =>
      container.restartPolicy === 'Always'
        ? { ...named(container), ready: true, started: true, restartCount: 0, state: { running: { startedAt: at } } }
        : { ...named(container), ready: true, restartCount: 0, state: ended('Completed', 0, at) },
    ),
    containerStatuses: containers.map((container: Json) => ({ ...named(container), ...outcome(behaviour, at) })),
  };
}

export function behaviourOf(pod: Json): PodBehaviour {
  const chosen = pod.metadata.annotations?.[behaviourAnnotation];
  if (chosen) return chosen;
  return pod.metadata.ownerReferences?.some((owner: Json) => owner.kind === 'Job') ? 'done' : 'ready';
}

const named = (container: Json) => ({ name: container.name, image: container.image, imageID: '' });

const ended = (reason: string, exitCode: number, at: string) => ({
  terminated: { reason, exitCode, startedAt: at, finishedAt: at },
});

function outcome(behaviour: PodBehaviour, at: string): Json {
  const running = { running: { startedAt: at } };
  switch (behaviour) {
    case 'ready':
      return { ready: true, started: true, restartCount: 0, state: running };
    case 'unready':
      return { ready: false, started: true, restartCount: 0, state: running };
    case 'crashing':
      return {
        ready: false,
        started: false,
        restartCount: 3,
        state: { waiting: { reason: 'CrashLoopBackOff' } },
        lastState: ended('Error', 1, at),
      };
    case 'unpullable':
      return { ready: false, started: false, restartCount: 0, state: { waiting: { reason: 'ImagePullBackOff' } } };
    case 'done':
      return { ready: false, started: false, restartCount: 0, state: ended('Completed', 0, at) };
  }
}
