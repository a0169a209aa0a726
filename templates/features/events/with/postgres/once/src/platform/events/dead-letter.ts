import { service } from '../../identity.ts';
import type { Broker } from './broker.ts';
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
  deadLetteredAt: Date;
  /** As published. */
  headers: Headers;
  data: string;
}

export interface NewDeadLetter {
  consumer: string;
  subject: string;
  reason: string;
  /** Where the broker has the message. */
  position: number;
  headers: Headers;
  data: string;
}

/** Puts a message that cannot be handled aside, as it was published, with what went wrong. */
export async function addDeadLetter(
  broker: Broker,
  { consumer, subject, reason, position, headers, data }: NewDeadLetter,
): Promise<void> {
  const { [replayHeader]: _replayed, ...original } = headers;
  await broker.publish({
    id: `${consumer}:${position}`,
    subject: subjectOf(subject),
    headers: {
      ...original,
      [name('consumer')]: consumer,
      [name('subject')]: subject,
      // A header is one line of visible ASCII; a reason may be anything.
      [name('reason')]: encodeURIComponent(wellFormed(reason.slice(0, 1_000))),
      [name('time')]: new Date().toISOString(),
    },
    data,
  });
}

/** Without halves of characters, which a cut leaves behind and which have no encoding. */
const wellFormed = (text: string): string => Buffer.from(text).toString();

/** All dead letters of this service, the oldest first. */
export async function* deadLetters(broker: Broker): AsyncGenerator<DeadLetter> {
  for await (const { position, storedAt, headers: all, data } of broker.read(allSubjects)) {
    yield {
      number: position,
      subject: all[name('subject')] ?? '',
      consumer: all[name('consumer')] ?? '',
      reason: decodeURIComponent(all[name('reason')] ?? ''),
      deadLetteredAt: new Date(all[name('time')] ?? storedAt),
      headers: Object.fromEntries(Object.entries(all).filter(([header]) => !header.startsWith(prefix))),
      data,
    };
  }
}

/** Sends it to its consumer again, and removes it from the dead letters once that is stored. */
export async function replay(broker: Broker, { number, subject, consumer, headers, data }: DeadLetter): Promise<void> {
  await broker.publish({ id: `replay:${number}`, subject, headers: { ...headers, [replayHeader]: consumer }, data });
  await drop(broker, { number });
}

/** Removes it for good. */
export const drop = (broker: Broker, { number }: Pick<DeadLetter, 'number'>): Promise<void> =>
  broker.remove(allSubjects, number);

export const countDeadLetters = (broker: Broker): Promise<number> => broker.count(allSubjects);
