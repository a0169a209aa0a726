import type { Evidence } from '../contract.ts';
import type { Facts } from '../inventory/facts.ts';
import { type Component, waysInto } from '../inventory/graph/components.ts';
import { mainContainerOf } from '../inventory/graph/main-container.ts';
import { answersTo, observedName } from '../inventory/kubernetes/observed-pods.ts';
import { readyPods, workloadName, workloadParts } from '../inventory/kubernetes/workloads.ts';
import { daprChannel } from '../inventory/traffic/dapr.ts';
import { isWritten } from '../inventory/written.ts';
import { askedInVain } from './define/asked-in-vain.ts';
import { defineCheck, unread } from './define/define-check.ts';
import { containerPath, judgeContainer, type Purpose } from './health-checks/container.ts';
import { judgeOlderPods } from './health-checks/older-pods.ts';
import { shown } from './health-checks/probe.ts';
import { type Found, type Judgement, reasons } from './health-checks/reasons.ts';

/** Findings and evidence of every container that serves; `serving` tells how many do. */
function judgeContainers(component: Component, purpose: Purpose) {
  const found: Found[] = [];
  const evidence: Evidence[] = [];
  let serving = 0;
  for (const workload of component.workloads) {
    const container = mainContainerOf(component, workload);
    if (!container) continue;
    serving += 1;
    found.push(...judgeContainer(workload, container, purpose), ...judgeOlderPods(workload, container));
    for (const name of ['readinessProbe', 'livenessProbe'] as const) {
      const probe = container[name];
      const path = `${containerPath(workload, container)}.${name}`;
      if (probe) evidence.push({ object: workloadName(workload), path, value: shown(probe) });
    }
  }
  return { found, evidence, serving };
}

const probePurposes = ['readiness', 'liveness', 'startup'] as const;

/** What its probes' paths answered, where they were asked: a pod that is ready and says otherwise to others is a note. */
function answersOf(component: Component, facts: Facts): { evidence: Evidence[]; findings: Found[] } {
  const answers = facts.observations(component).flatMap((one) =>
    probePurposes.flatMap((purpose) =>
      answersTo(purpose, one).map(({ request, status = 0 }) => ({
        status,
        purpose,
        evidence: {
          object: observedName(one),
          path: request,
          value: [status, one.health?.[purpose]].filter(Boolean).join(' '),
        },
      })),
    ),
  );
  return {
    evidence: answers.filter(({ status }) => status < 400).map(({ evidence }) => evidence),
    findings: [
      ...answers
        .filter(({ status }) => status >= 400)
        .map(
          ({ status, purpose, evidence }): Found => ({
            status: 'note',
            reason: 'PROBE_ANSWERS_OTHERWISE',
            message: `its ${purpose} path answered with ${status} when it was asked, while its pod is ready: it answers others than the kubelet differently, or something changed just then`,
            evidence: [evidence],
            fix: 'Ask it again; what a probe sends beside its path (a header, a host) is not sent here.',
            key: purpose,
          }),
        ),
      ...askedInVain(component, facts, probePurposes, 'how it is'),
    ],
  };
}

const nobodySeen = 'no pod or workload of it was seen, so there are no probes to judge';

function judge(component: Component, facts: Facts): Judgement {
  // Files have no pods, and their templates say all about probes that they can say.
  const isTemplate = isWritten(facts);
  const gaps = isTemplate && component.workloads.length > 0 ? [] : facts.ledger.gaps(['pods'], component.namespace);
  const classification = facts.classOf(component);
  const { found, evidence, serving } = judgeContainers(component, {
    isBackend: classification.class !== 'application',
    hasTraffic: waysInto(component).length > 0 || daprChannel(component) !== undefined,
    isTemplate,
  });
  const open = (finding: Found): Judgement => ({
    level: serving === 0 ? 'none' : 'configured',
    reason: finding.reason,
    message: finding.message,
    evidence,
    findings: [finding],
  });
  if (gaps.length > 0) return open(unread(gaps, 'Nobody can say what its pods run with'));
  if (serving === 0)
    return open({
      status: 'unknown',
      reason: 'NO_PODS',
      message: nobodySeen,
      evidence: component.primaryService ? [{ object: `Service ${component.key}`, path: 'spec.selector' }] : [],
      fix: 'Make the selector match the pods; see service-discovery.',
    });
  const untold = component.workloads.some(({ object }) => !object) && found.some(({ status }) => status !== 'note');
  const unseen = untold ? facts.ledger.gaps(workloadParts, component.namespace) : [];
  if (unseen.length > 0)
    return open(unread(unseen, 'Its pods may be of a version before: what their template says is open'));
  if (!classification.certain && found.length > 0 && found.every(({ reason }) => reason === 'TCP_ONLY')) {
    const unclear = facts.ledger.gaps(['configmaps'], component.namespace);
    return open(unread(unclear, 'Whether a tcp probe is enough depends on what this is'));
  }
  const answered = answersOf(component, facts);
  const ready = component.workloads.some((workload) => readyPods(workload).length > 0);
  return {
    level: ready ? 'observed' : 'wired',
    reason: 'PROBES_TEST_THE_APP',
    message: 'readiness and liveness probes ask the app itself',
    evidence: [...evidence, ...answered.evidence],
    findings: [...found, ...answered.findings],
  };
}

export default defineCheck({
  id: 'health-checks',
  title: 'Health checks exposed',
  item: 'Health checks exposed',
  heading: { long: 'health', short: 'health' },
  reads: {
    needs: ['pods'],
    uses: ['services', ...workloadParts, 'configmaps'],
  },
  verdicts: ['pass', 'warn', 'fail', 'unknown'],
  reasons,
  docs: {
    why: 'Kubernetes sends traffic to a pod that is ready and restarts one that is not alive. Without probes that ask the app, both decisions are blind: requests hit an app that is still starting, and a hung one stays.',
    judges:
      'The container behind the Service’s first port. Pass: readiness and liveness that test the app (httpGet, grpc, or a command that asks it or compares what changes: the age of a file, the answer of a program); for data stores and brokers a tcp connection is enough. Warn: one of the two missing, tcp only on an app (also by nc -z and the like), a command that only sees a file, liveness that gives up sooner than readiness on the same endpoint, or ready pods of a version before that run without the template’s probes. Fail: neither, a probe that succeeds whatever the app does (true, ps, echo and the like, piped or not), one on a named port that its container lacks, which never acts, or one of the node’s loopback. One that names another host is a warn. Jobs, init containers and injected sidecars are not judged.',
    wrongWhen:
      'A file that a command looks for may be one that the app takes away when it cannot work, a script in the image may do nothing, and an endpoint that answers 200 may test nothing: what the app does behind its probe is not visible. Whether liveness asks a dependency (it should not) is not visible either.',
    fix: 'Serve /health/live, which asks no dependency, and /health/ready, which is 503 while starting, draining or without its dependencies. Point livenessProbe and readinessProbe at them, and give liveness more patience than readiness.',
  },
  judge,
});
