import type { Static, TSchema } from 'typebox';
import { Compile } from 'typebox/compile';

/** An event that this service publishes or handles, and the contract of its data. */
export interface EventType<Data = unknown> {
  /** Where it travels: `orders.created`. */
  subject: string;
  /** Raised when the data changes in a way that a reader could notice. The subject stays. */
  version: number;
  /** CloudEvents `type`: subject and version. */
  type: string;
  /** CloudEvents `dataschema`: the `$id` of the file in contracts/events/. */
  dataschema: string;
  schema: TSchema;
  /** @throws InvalidEvent that names each field that does not fit. */
  check(data: unknown): Data;
}

/** Data that breaks its contract: a mistake of the publisher, which no retry mends. */
export class InvalidEvent extends Error {
  override name = 'InvalidEvent';
}

/**
 * Defines an event. Its data is validated on both sides: before it is published and before it is handled. The committed
 * copy of the schema, contracts/events/<subject>.v<version>.json, is what other teams read; a test keeps the two equal.
 */
export function defineEvent<const S extends TSchema>(
  subject: string,
  { version, data }: { version: number; data: S },
): EventType<Static<S>> {
  const type = `${subject}.v${version}`;
  const validator = Compile(data);
  return {
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
  };
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
