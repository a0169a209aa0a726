import { context, propagation } from '@opentelemetry/api';
import { service } from '../../identity.ts';
import { correlationHeader, correlationId } from '../context.ts';
import { type EventType, InvalidEvent } from './event.ts';

/**
 * CloudEvents 1.0 in binary mode: the attributes are headers with the prefix `ce-`, the message is the data.
 * https://github.com/cloudevents/spec/blob/main/cloudevents/spec.md
 */
export type Headers = Record<string, string>;

/** A message that is ready to be sent, now or from the outbox. */
export interface Message {
  id: string;
  subject: string;
  headers: Headers;
  /** JSON. */
  data: string;
}

export interface Attributes {
  id: string;
  type: string;
  source: string;
  time: Date;
  key: string | undefined;
  /** Position among the events of this key: 1, 2, 3 … Absent where the publisher keeps no order. */
  sequence: number | undefined;
  /** Position of the event of this key that comes before it: the one before, unless that was never sent; 0 for the first. */
  follows: number | undefined;
}

export const sequenceHeader = 'ce-sequence';
/** An extension of ours. Who does not know it takes a missing number for one that is still to come, until all before it are done. */
export const followsHeader = 'ce-follows';
/** The type of the older form in which the same event follows. */
export const alsoAsHeader = 'ce-alsoas';

const attribute = {
  specversion: 'ce-specversion',
  id: 'ce-id',
  type: 'ce-type',
  source: 'ce-source',
  time: 'ce-time',
  dataschema: 'ce-dataschema',
  // The extensions "partitioning" and "sequence" of the CloudEvents specification.
  key: 'ce-partitionkey',
  sequence: sequenceHeader,
} as const;

/** Brokers take about 1 MiB with its headers by default; found here, it fails one request and does not hold up the relay. */
const largestData = 1_000_000;

/** @throws InvalidEvent where the data breaks the contract: what is wrong never leaves this service. */
export function encode(
  event: EventType,
  data: unknown,
  { id, key }: { id: string; key?: string | undefined },
): Message {
  const headers: Headers = {
    'content-type': 'application/json',
    [attribute.specversion]: '1.0',
    [attribute.id]: id,
    [attribute.type]: event.type,
    [attribute.source]: `/${service.name}`,
    [attribute.time]: new Date().toISOString(),
    [attribute.dataschema]: event.dataschema,
  };
  // A header is one line of visible ASCII; a key may be anything.
  if (key !== undefined) headers[attribute.key] = encodeURIComponent(key);
  const correlation = correlationId();
  if (correlation) headers[correlationHeader] = correlation;
  propagation.inject(context.active(), headers);
  const text = JSON.stringify(event.check(data));
  if (Buffer.byteLength(text) > largestData) throw new InvalidEvent(`${event.type} is too large: publish a reference`);
  return { id, subject: event.subject, headers, data: text };
}

/**
 * One event in each of its forms, the newest first. They share the event's id, so that a consumer handles one of them;
 * the broker and the outbox know them apart.
 *
 * @throws InvalidEvent where one of them breaks its contract
 */
export function encodeForms(
  event: EventType,
  data: unknown,
  { id, key }: { id: string; key?: string | undefined },
): Message[] {
  const forms = event.forms(data);
  return forms.map((form, i) => {
    const message = encode(form.event, form.data, { id, key });
    const next = forms[i + 1];
    if (next) message.headers[alsoAsHeader] = next.event.type;
    return i === 0 ? message : { ...message, id: `${id} v${form.event.version}` };
  });
}

/** @throws InvalidEvent where this is no CloudEvent. */
export function decodeAttributes(headers: Headers): Attributes {
  const required = (name: keyof typeof attribute): string => {
    const value = headers[attribute[name]];
    if (!value) throw new InvalidEvent(`This is no CloudEvent: the header ${attribute[name]} is missing`);
    return value;
  };
  const id = required('id');
  const encoded = headers[attribute.key];
  const key = encoded === undefined ? undefined : decodeKey(encoded);
  // No database stores it: what cannot be counted would be tried for ever.
  if (`${id}${key}`.includes('\0')) throw new InvalidEvent('This is no CloudEvent: it has a NUL in its id or key');
  const sequence = key === undefined ? undefined : position(headers[attribute.sequence], 1);
  return {
    id,
    type: required('type'),
    source: required('source'),
    time: new Date(headers[attribute.time] ?? Number.NaN),
    key,
    sequence,
    follows: sequence && (position(headers[followsHeader], 0) ?? sequence - 1),
  };
}

function position(text: string | undefined, least: number): number | undefined {
  const number = Number(text ?? Number.NaN);
  return Number.isSafeInteger(number) && number >= least ? number : undefined;
}

/** @throws InvalidEvent where it is another event, a version that nobody knows, or breaks the contract. */
export const decodeData = <Data>(event: EventType<Data>, type: string, text: string): Data =>
  event.read(type, parse(text));

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new InvalidEvent('The data is not JSON', { cause });
  }
}

function decodeKey(key: string): string {
  try {
    return decodeURIComponent(key);
  } catch {
    return key;
  }
}
