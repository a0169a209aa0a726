import { service } from '../../identity.ts';
import { type Broker, plainHeaders } from './broker.ts';
import type { Headers } from './cloud-event.ts';

/** Names the consumer that a dead letter is sent to again; every other one ignores it. */
export const replayHeader = 'replay-for';
const prefix = 'dead-letter-';
const name = (field: string): string => `${prefix}${field}`;

const subjectOf = (subject: string): string => `dead-letters.${service.name}.${subject}`;
const allSubjects = `dead-letters.${service.name}.>`;

export interface DeadLetter {
  /** Its number among the dead letters: what `dead-letters replay` is given. */
  number: number;
  subject: string;
  consumer: string;
  reason: string;
  buriedAt: Date;
  /** As published. */
  headers: Headers;
  data: string;
}

export interface Burial {
  consumer: string;
  subject: string;
  reason: string;
  streamSequence: number;
  headers: Headers;
  data: string;
}

/** Puts a message that cannot be handled aside, as it was published, with what went wrong. */
export async function buryMessage(
  broker: Broker,
  { consumer, subject, reason, streamSequence, headers, data }: Burial,
): Promise<void> {
  const { [replayHeader]: _replayed, ...original } = headers;
  await broker.publish({
    id: `${consumer}:${streamSequence}`,
    subject: subjectOf(subject),
    headers: {
      ...original,
      [name('consumer')]: consumer,
      [name('subject')]: subject,
      // A header is one line of visible ASCII; a reason may be anything.
      [name('reason')]: encodeURIComponent(reason.slice(0, 1_000)),
      [name('time')]: new Date().toISOString(),
    },
    data,
  });
}

/** All dead letters of this service, the oldest first. */
export async function* deadLetters(broker: Broker): AsyncGenerator<DeadLetter> {
  const stream = await broker.stream(allSubjects);
  const { streams } = await broker.manager();
  for (let next = 1; ; ) {
    const query = { seq: next, next_by_subj: allSubjects };
    const message = await streams.getMessage(stream, query);
    if (!message) return;
    next = message.seq + 1;
    const all = plainHeaders(message.header);
    yield {
      number: message.seq,
      subject: all[name('subject')] ?? '',
      consumer: all[name('consumer')] ?? '',
      reason: decodeURIComponent(all[name('reason')] ?? ''),
      buriedAt: new Date(all[name('time')] ?? message.time),
      headers: Object.fromEntries(
        Object.entries(all).filter(([header]) => !header.startsWith(prefix) && header !== 'nats-msg-id'),
      ),
      data: message.string(),
    };
  }
}

/** Sends it to its consumer again, and removes it from the dead letters once that is stored. */
export async function replay(broker: Broker, { number, subject, consumer, headers, data }: DeadLetter): Promise<void> {
  await broker.publish({ id: `replay:${number}`, subject, headers: { ...headers, [replayHeader]: consumer }, data });
  const { streams } = await broker.manager();
  await streams.deleteMessage(await broker.stream(allSubjects), number);
}

export async function countDeadLetters(broker: Broker): Promise<number> {
  const stream = await broker.stream(allSubjects);
  const { streams } = await broker.manager();
  const { state } = await streams.info(stream, { subjects_filter: allSubjects });
  return Object.values(state.subjects ?? {}).reduce((sum, count) => sum + count, 0);
}
