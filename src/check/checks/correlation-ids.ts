import type { Evidence, PodObservation } from '../contract.ts';
import type { Facts } from '../inventory/facts.ts';
import type { Component } from '../inventory/graph/components.ts';
import { answersTo, observedName } from '../inventory/kubernetes/observed-pods.ts';
import { sidecarKind } from '../inventory/technologies/sidecars.ts';
import { type Found, type Judgement, reasons } from './correlation-ids/reasons.ts';
import { decidedBy, defineCheck, notApplicable } from './define/define-check.ts';
import { withOtherPods } from './define/other-pods.ts';

/** Request lines below which a share says nothing. */
const enough = 10;
/** Of them that carry an id: health checks of a load balancer may not. */
const nearlyAll = 0.8;

/** A proxy beside the app may have answered for it. */
const hasProxy = ({ workloads }: Component): boolean =>
  workloads.some(({ spec, pods }) =>
    [spec, ...pods.map((pod) => pod.spec)].some(({ containers, initContainers = [] }) =>
      [...containers, ...initContainers].some(({ name }) => sidecarKind(name) !== undefined),
    ),
  );

function ofOurRequest(seen: readonly PodObservation[]): Judgement | undefined {
  const one = seen.find(({ logs }) => logs?.ours?.correlation || logs?.ours?.trace);
  if (!one?.logs?.ours) return undefined;
  const which = one.logs.ours.correlation ? 'correlation id' : 'trace id';
  const others = one.logs.sharedWith.length > 0 ? `, and in that of ${one.logs.sharedWith.join(', ')}` : '';
  return {
    level: 'observed',
    reason: 'OUR_ID_LOGGED',
    message: `the ${which} of a request that was sent to it stands in its log${others}`,
    evidence: [{ object: observedName(one), path: 'log', value: which }],
  };
}

function ofItsLog(seen: readonly PodObservation[]): Judgement | undefined {
  const sampled = seen.flatMap((one) => (one.logs ? [{ ...one.logs, object: observedName(one) }] : []));
  const requests = sampled.reduce((sum, logs) => sum + logs.requests, 0);
  const withId = sampled.reduce((sum, logs) => sum + logs.requestsWithId, 0);
  if (requests < enough) return undefined;
  const told = `${withId} of ${requests} requests in the last lines of its log carry a trace or correlation id`;
  const evidence = sampled.map(({ object, ...logs }): Evidence => {
    return { object, path: 'log', value: `${logs.requestsWithId} of ${logs.requests} requests` };
  });
  if (withId >= nearlyAll * requests)
    return { level: 'observed', reason: 'REQUESTS_CARRY_IDS', message: told, evidence };
  const reason: Found['reason'] = withId > 0 ? 'SOME_CARRY_IDS' : 'NONE_CARRIES_AN_ID';
  const fix =
    'Take traceparent or x-correlation-id of each request, make one where there is none, and log it in every line.';
  return decidedBy<Found['reason']>([{ status: 'warn', reason, message: told, evidence, fix }]);
}

function ofItsAnswer(component: Component, seen: readonly PodObservation[]): Judgement | undefined {
  const one = hasProxy(component) ? undefined : seen.find(({ echoed }) => (echoed?.correlation.length ?? 0) > 0);
  if (!one?.echoed) return undefined;
  const header = one.echoed.correlation.join(', ');
  return {
    level: 'observed',
    reason: 'ID_GIVEN_BACK',
    message: `it gives the id of a request back in its answer (${header})`,
    evidence: [{ object: observedName(one), path: 'answer', value: header }],
  };
}

/** Somebody asked for its log, and it says too little. */
function ofTooLittle(seen: readonly PodObservation[]): Judgement | undefined {
  const asked = seen.flatMap((one) => answersTo('logs', one).map((answer) => ({ answer, object: observedName(one) })));
  const [first] = asked;
  if (!first) return undefined;
  const { object, answer } = first;
  return decidedBy<Found['reason']>([
    {
      status: 'unknown',
      reason: 'TOO_FEW_REQUESTS',
      message: `the last lines of its log tell of fewer than ${enough} requests: whether they carry an id cannot be said`,
      evidence: [{ object, path: 'log', value: answer.outcome }],
      fix: 'Look again while it is in use.',
      atWorst: 'warn',
    },
  ]);
}

function judge(component: Component, facts: Facts): Judgement | undefined {
  if (facts.classOf(component).class !== 'application')
    return notApplicable('NOT_AN_APPLICATION', 'a data store or broker: no request begins or ends there');
  const seen = facts.observations(component);
  const judgement = ofOurRequest(seen) ?? ofItsLog(seen) ?? ofItsAnswer(component, seen) ?? ofTooLittle(seen);
  return judgement && withOtherPods(judgement, component, facts);
}

export default defineCheck({
  id: 'correlation-ids',
  title: 'Requests carry a correlation id',
  item: 'Use correlation IDs',
  kind: 'practice',
  heading: { long: 'correlation', short: 'corr' },
  shownBy: 'running pods that are asked (--probe), and the last lines of their logs (--sample-logs)',
  reads: { needs: [], uses: ['pods', 'services', 'configmaps'] },
  verdicts: ['pass', 'warn', 'unknown', 'n-a'],
  reasons,
  docs: {
    why: 'One request leaves lines in the logs of eight services. Without an id that all of them carry nobody finds the other seven when one of them says that it failed.',
    judges:
      'Where pods were asked or their logs sampled; else it is not looked at, and in no count. Pass: the id of a request that we sent stands in its log; four of five of at least ten requests in its log carry an id that is not zero; or it gives our id back in its answer, and no proxy beside it could have. Warn: some carry one, or none does. Never a fail. Lines are counted and dropped: no text of a log is kept.',
    wrongWhen:
      'A service that logs requests in a form of its own looks as if it logged none. Giving an id back does not prove that calls to others carry it. Requests of health checks may be left out of a log on purpose.',
    fix: 'Take traceparent or x-correlation-id of each request, make one where there is none, hand it to every call and message, and log it in every line, as generated services do.',
  },
  judge,
});
