import type { FoundFor, JudgementFor } from '../define/define-check.ts';
import { askedInVain, notRead, type Reasons } from '../define/reasons.ts';

export const reasons = {
  PROBES_TEST_THE_APP: { status: 'pass', title: 'Readiness and liveness probes ask the app itself' },
  NO_PROBES: { status: 'fail', title: 'Neither a readiness nor a liveness probe, and traffic reaches it' },
  WORKER_WITHOUT_PROBES: { status: 'fail', title: 'No probe, so nothing restarts a worker that hangs' },
  BACKEND_WITHOUT_PROBES: { status: 'fail', title: 'A data store or broker without any probe' },
  ONLY_STARTUP_PROBE: {
    status: 'fail',
    title: 'A startup probe alone: once it is started nobody asks how it is',
  },
  PROBE_OF_NO_PORT: {
    status: 'fail',
    title: 'A probe on a named port that its container lacks, which never acts',
    fix: 'Name the port in the container’s ports, or write its number in the probe.',
  },
  PROBE_ASKS_THE_NODE: {
    status: 'fail',
    title: 'A probe of the node’s loopback, where its container does not listen',
    fix: 'Let the probe name no host, so that the kubelet asks the pod.',
  },
  PROBE_ASKS_ANOTHER_HOST: {
    status: 'warn',
    title: 'A probe of another host than its own pod',
    fix: 'Let the probe name no host, so that the kubelet asks the pod.',
  },
  PROBE_PROVES_NOTHING: { status: 'fail', title: 'A probe that succeeds whatever the app does' },
  NO_READINESS: { status: 'warn', title: 'No readiness probe' },
  NO_LIVENESS: { status: 'warn', title: 'No liveness probe' },
  MARKER_FILE: {
    status: 'warn',
    title: 'A probe that sees a file, which a hung app may leave where it is',
    fix: 'Compare the age of a file that the app touches while it works, or ask the app itself.',
  },
  TCP_ONLY: { status: 'warn', title: 'A probe that only opens a connection, which a hung app still accepts' },
  LIVENESS_GIVES_UP_FIRST: { status: 'warn', title: 'Liveness kills the app before readiness takes it out of traffic' },
  PLACEHOLDER: {
    status: 'unknown',
    title: 'A port that is filled in later',
    fix: 'Judge what the manifests render to.',
  },
  PROBE_ANSWERS_OTHERWISE: {
    status: 'note',
    title: 'A probe’s path answers with an error while its pod is ready',
  },
  ...askedInVain,
  OLDER_PODS_WITHOUT_PROBES: {
    status: 'warn',
    title: 'Pods of a version before run without the probes of its template',
  },
  NO_PODS: { status: 'unknown', title: 'No pod or workload of it was seen' },
  ...notRead,
} as const satisfies Reasons;

export type Found = FoundFor<typeof reasons>;
export type Judgement = JudgementFor<typeof reasons>;
