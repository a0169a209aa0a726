import type { DanglingFor, FoundFor, JudgementFor } from '../define/define-check.ts';
import { classUnclear, notAnApplication, notRead, type Reasons } from '../define/reasons.ts';

export const reasons = {
  BEHIND_A_GATEWAY: { status: 'pass', title: 'Reached only through a gateway that serves it' },
  IS_A_GATEWAY: { status: 'pass', title: 'It is a gateway itself, and its routes are visible' },
  GATEWAY_NOT_PROVEN: { status: 'warn', title: 'It looks like a gateway, and its routes are not proven' },
  EXPOSED_DIRECTLY: { status: 'fail', title: 'Reached from outside with no gateway before it' },
  BYPASS: { status: 'warn', title: 'A gateway leads to it, and something leads past that gateway' },
  INTERNAL_BALANCER: { status: 'warn', title: 'A balancer of the private network leads straight to its pods' },
  NO_WAY_IN: { status: 'warn', title: 'It looks like the edge of the system, and nothing leads to it from outside' },
  ROUTE_NOT_SERVED: { status: 'warn', title: 'A route leads to it, and no gateway serves that route' },
  ROUTE_REFUSED: { status: 'warn', title: 'A route leads to it, and its status refuses it' },
  ROUTE_TO_NOTHING: { status: ['warn', 'note'], title: 'A route ends at a Service, port or pod that is not there' },
  ROUTE_UNCLEAR: {
    status: 'unknown',
    title: 'Whether the route to it is served could not be seen',
    whenItRuns: true,
  },
  PLACEHOLDER: {
    status: 'unknown',
    title: 'Whether it is reached from outside is filled in later',
    fix: 'Judge what the manifests render to.',
  },
  BACKEND_EXPOSED: { status: 'note', title: 'A data store or broker that can be reached from outside' },
  NONE_READY: { status: 'note', title: 'None of its pods is ready' },
  NOT_FOR_HTTP: {
    status: ['n-a', 'note'],
    title: 'What comes in from outside is nothing that an HTTP gateway can carry',
  },
  NOT_EXPOSED: { status: 'n-a', title: 'Reached from inside the cluster only' },
  ...notAnApplication,
  ...classUnclear,
  ...notRead,
} as const satisfies Reasons;

export type Found = FoundFor<typeof reasons>;
export type Judgement = JudgementFor<typeof reasons>;
export type Dangling = DanglingFor<typeof reasons>;
