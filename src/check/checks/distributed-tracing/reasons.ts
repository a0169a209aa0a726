import type { FoundFor, JudgementFor } from '../define/define-check.ts';
import { classUnclear, notAnApplication, notRead, notRunningYet, type Reasons } from '../define/reasons.ts';

// Where one address works, what is wrong with another is a note.
export const reasons = {
  TRACES_ARRIVE: { status: 'pass', title: 'Its traces reach a backend, or a collector that passes them on' },
  SWITCHED_OFF: { status: ['fail', 'note'], title: 'Tracing is switched off' },
  MAY_BE_OFF: { status: 'unknown', title: 'A file that it mounts says that tracing is off' },
  BEGINS_NO_TRACE: {
    status: ['warn', 'note'],
    title: 'Its sampler begins no trace, and only goes on with its callers’',
  },
  NOT_INJECTED: { status: 'fail', title: 'It is annotated for injection, and its pods were not injected' },
  DESTINATION_ABSENT: { status: ['warn', 'note'], title: 'Its traces are sent to nothing' },
  DESTINATION_OUTSIDE: {
    status: ['warn', 'note'],
    title: 'Its traces leave the cluster, and whether they arrive is not visible',
  },
  NO_TRACES_PIPELINE: { status: ['warn', 'note'], title: 'The collector takes no traces at that address' },
  DEBUG_ONLY: { status: ['warn', 'note'], title: 'The collector only prints traces' },
  MESH_SPANS_ONLY: { status: 'warn', title: 'Only the mesh’s proxies make spans' },
  DESTINATION_UNCLEAR: { status: ['unknown', 'note'], title: 'Whether its traces end at a collector is not visible' },
  PIPELINE_HIDDEN: { status: ['unknown', 'note'], title: 'Where the collector sends traces is not visible' },
  NOTHING_SEEN: { status: 'unknown', title: 'Nothing in its settings speaks of tracing' },
  TRACE_ID_LOGGED: { status: 'note', title: 'It went on with the trace of a request, whose id is in its log' },
  NOT_RUNNING: { status: 'note', title: 'None of its pods is ready' },
  ...notAnApplication,
  ...classUnclear,
  NOT_READ: { ...notRead.NOT_READ, status: ['unknown', 'note'] },
  ...notRunningYet,
} as const satisfies Reasons;

export type Found = FoundFor<typeof reasons>;
export type Judgement = JudgementFor<typeof reasons>;
