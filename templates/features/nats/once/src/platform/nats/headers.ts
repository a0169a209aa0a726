import { headers as createHeaders, type MsgHdrs } from '@nats-io/transport-node';
import type { Headers } from '../events/cloud-event.ts';

/** As in https://github.com/cloudevents/spec/blob/main/cloudevents/bindings/nats-protocol-binding.md, in binary mode. */
export function natsHeaders(headers: Headers): MsgHdrs {
  const result = createHeaders();
  for (const [name, value] of Object.entries(headers)) result.set(name, value);
  return result;
}

export const plainHeaders = (headers: MsgHdrs | undefined): Headers =>
  Object.fromEntries([...(headers ?? [])].map(([name, [value = '']]) => [name.toLowerCase(), value]));
