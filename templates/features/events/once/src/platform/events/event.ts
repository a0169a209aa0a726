import type { Static, TSchema } from 'typebox';
import { Compile } from 'typebox/compile';

/** An event that this service publishes or handles, and the contract of its data. */
export interface EventType<Data = unknown> {
  /** Where it travels: `orders.created`. */
  subject: string;
  /** Raised when a reader of the old data could fail by the new one, or the reverse. The subject stays. */
  version: number;
  /** CloudEvents `type`: subject and version. */
  type: string;
  /** CloudEvents `dataschema`: the `$id` of the file in contracts/events/. */
  dataschema: string;
  schema: TSchema;
  /** @throws InvalidEvent that names each field that does not fit. */
  check(data: unknown): Data;
  /**
   * Reads what was published as `type`: this version or an older one.
   *
   * @throws InvalidEvent where it is neither, or breaks the contract
   */
  read(type: string, data: unknown): Data;
  /** True for a later version than this service knows: whoever publishes was updated first. */
  isNewer(type: string): boolean;
  /** What is published: this version, then the older ones that are still asked for. */
  forms(data: unknown): readonly Form[];
}

export interface Form {
  event: EventType;
  data: unknown;
}

/** The version before, and how one becomes the other. */
export interface Previous<Old, Data> {
  event: EventType<Old>;
  /** Old events are read for as long as a stream or a publisher has them. */
  upcast(old: Old): Data;
  /** Present while subscribers know the version before only: each event is published as both, and handled once. */
  downcast?(data: Data): Old;
}

/** Data that breaks its contract: a mistake of the publisher, which no retry mends. */
export class InvalidEvent extends Error {
  override name = 'InvalidEvent';
}

/**
 * Defines an event. Its data is validated on both sides: before it is published and before it is handled. The committed
 * copy of the schema, contracts/events/<subject>.v<version>.json, is what other teams read; a test keeps the two equal.
 */
export function defineEvent<const S extends TSchema, Old = never>(
  subject: string,
  { version, data, previous }: { version: number; data: S; previous?: Previous<Old, Static<S>> },
): EventType<Static<S>> {
  const type = `${subject}.v${version}`;
  const validator = Compile(data);
  const event: EventType<Static<S>> = {
    subject,
    version,
    type,
    dataschema: `urn:event:${type}`,
    schema: data,
    check(value) {
      if (validator.Check(value)) return value as Static<S>;
      const problems = [...validator.Errors(value)].map(
        ({ instancePath, message }) => `data${instancePath.replaceAll('/', '.')} ${message}`,
      );
      throw new InvalidEvent(`${type} breaks its contract: ${problems.join('; ')}`);
    },
    read(published, value) {
      if (published === type) return event.check(value);
      if (!previous) throw new InvalidEvent(`This service handles ${type}, and this is ${published}`);
      return event.check(previous.upcast(previous.event.read(published, value)));
    },
    isNewer(published) {
      const [, number] = published.startsWith(`${subject}.v`) ? published.split(`${subject}.v`) : [];
      return Number(number) > version;
    },
    forms(value) {
      const older = previous?.downcast && previous.event.forms(previous.downcast(event.check(value)));
      return [{ event, data: value }, ...(older ?? [])];
    },
  };
  return event;
}

/** One event that happened, as a handler gets it. */
export interface Received<Data = unknown> {
  /** Never the same for two events; the same when one arrives twice. */
  id: string;
  data: Data;
  /** When it happened, by the publisher's clock. */
  time: Date;
  /** The service that published it. */
  source: string;
  /** What it is about; events of one key arrive in the order in which they were published. */
  key: string | undefined;
}
