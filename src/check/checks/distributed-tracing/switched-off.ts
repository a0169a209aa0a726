import type { Facts } from '../../inventory/facts.ts';
import type { Component } from '../../inventory/graph/components.ts';
import type { TracingSignals } from '../../inventory/telemetry/tracing-signals.ts';
import { type Maker, silences } from '../../inventory/telemetry/tracing-switches.ts';
import type { Found } from './reasons.ts';

/** How an address is named beside a switch that makes it useless. */
export const shownOf = (sent: TracingSignals['sent'][number] | undefined): string | undefined =>
  sent &&
  ('edge' in sent ? `${sent.edge.host}${sent.edge.port ? `:${sent.edge.port}` : ''}` : sent.local.evidence.value);

const makersOf = (signals: TracingSignals): Maker[] => [
  ...signals.on.map(({ maker }) => maker),
  ...(signals.injections.some(({ done }) => done) ? (['opentelemetry'] as const) : []),
];

/** What is sent by a library that no switch turns off. */
export const stillSent = (signals: TracingSignals): TracingSignals['sent'] =>
  signals.sent.filter(({ maker }) => !signals.off.some((off) => silences(off.maker, maker, makersOf(signals))));

/** Each switch that turns tracing off; a note where another library’s traces arrive all the same. */
export const switchedOff = ({ off }: TracingSignals, shown: string | undefined, passed: boolean): Found[] =>
  off.map(({ what, evidence }) => ({
    status: passed ? 'note' : 'fail',
    reason: 'SWITCHED_OFF',
    message: passed
      ? `${what} switches one library’s tracing off; another’s is on`
      : `tracing is switched off by ${what}${shown ? `, although it is told to send to ${shown}` : ''}`,
    evidence: [evidence],
    fix: `Remove ${what}, or waive this with the reason.`,
    key: what.slice(0, 80),
  }));

/** Where all that still sends may be off by what stands in a file that it mounts: which of these it takes is not visible. */
export function perhapsOff(signals: TracingSignals): Found[] {
  const sent = stillSent(signals);
  const silent = signals.maybeOff.filter((off) =>
    sent.every(({ maker }) => silences(off.maker, maker, makersOf(signals))),
  );
  const [first] = silent;
  if (!first) return [];
  return [
    {
      status: 'unknown',
      reason: 'MAY_BE_OFF',
      message: `a file that it mounts says ${first.what} (${first.evidence.object}, ${first.evidence.path}); whether it takes that from there is not visible`,
      evidence: silent.slice(0, 3).map(({ evidence }) => evidence),
      fix: 'Say the opposite by a variable of the container, or in the file; or waive this with the reason.',
    },
  ];
}

/** Samplers that begin no trace: fine behind somebody who does. */
export function beginsNone({ follows }: TracingSignals, component: Component, facts: Facts): Found[] {
  const caller = facts.edgesTo(component).find(({ from }) => {
    const { class: kind, role } = facts.classOf(from);
    return kind === 'application' || role === 'gateway' || role === 'mesh';
  })?.from;
  return follows.map(({ what, evidence, byName }) => ({
    status: byName && caller ? 'note' : 'warn',
    reason: 'BEGINS_NO_TRACE',
    message: `with ${what} it begins no trace, and goes on with those that a caller began${
      caller ? ` (${caller.name} calls it)` : '; nobody in the cluster is seen calling it'
    }`,
    evidence: [evidence],
    fix: 'Where requests reach it first, let it sample some itself: parentbased_traceidratio with a ratio above 0.',
    key: what.slice(0, 80),
  }));
}
