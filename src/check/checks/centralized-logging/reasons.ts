import type { FoundFor, JudgementFor } from '../define/define-check.ts';
import { askedInVain, notRead, notRunningYet, type Reasons } from '../define/reasons.ts';

export const reasons = {
  LOGS_FOLLOWED: { status: 'pass', title: 'An agent follows its logs on every node it runs on, and sends them on' },
  LOGS_SHIPPED: { status: 'pass', title: 'A shipper beside it reads the files that it writes, and sends them on' },
  SENDS_LOGS: { status: 'pass', title: 'It sends its logs by OTLP to a collector that passes them on' },
  NO_AGENT: { status: 'fail', title: 'No log agent, no shipper and no exporter: its logs end with the pod' },
  NOT_FOLLOWED: { status: 'fail', title: 'No log agent is ready on the nodes it runs on' },
  AGENT_TAKES_NONE: { status: 'fail', title: 'The agent on its nodes is told to take no logs of it' },
  SOME_NODES: { status: 'warn', title: 'The log agent is missing on some of the nodes it runs on' },
  DESTINATION_ABSENT: { status: 'warn', title: 'Its logs are sent to nothing' },
  DESTINATION_NOWHERE: { status: 'warn', title: 'The agent only prints or drops its logs' },
  DESTINATION_HIDDEN: { status: 'warn', title: 'Where its logs are sent is not visible' },
  DESTINATION_UNPROVEN: { status: 'warn', title: 'It knows a log server; whether its logs arrive there is not proven' },
  SHIPPER_READS_NOTHING: { status: 'warn', title: 'The shipper beside it is not proven to read its logs' },
  PLAIN_TEXT: {
    status: ['warn', 'note'],
    title: 'Most of the sampled lines are plain text, which nobody can search by field',
  },
  AGENT_CHOOSES: { status: 'unknown', title: 'An agent on its nodes leaves some logs out, perhaps those of it' },
  DECIDED_ELSEWHERE: {
    status: 'unknown',
    title: 'What the vendor’s agent takes is decided where nobody here can look',
  },
  MAY_SEND_LOGS: { status: 'unknown', title: 'It may send its logs where no setting says so' },
  MANAGED_PLATFORM: { status: 'unknown', title: 'The platform or an operator may take its logs' },
  NO_PODS: { status: 'unknown', title: 'No pod of it runs, so nobody knows on which nodes it would' },
  ...askedInVain,
  ...notRead,
  ...notRunningYet,
} as const satisfies Reasons;

export type Found = FoundFor<typeof reasons>;
export type Judgement = JudgementFor<typeof reasons>;
