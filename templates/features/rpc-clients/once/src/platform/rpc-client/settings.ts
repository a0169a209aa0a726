import { callFields } from '../http-client/call-fields.ts';
import { defineSettings, integer, text } from '../settings.ts';
import { locationFields } from './locate.ts';
import { parseTarget, type Target } from './target.ts';

/** Settings of one gRPC client, named `<PREFIX>_…`. The defaults suit calls inside a cluster. */
export const rpcClientSettings = (prefix: string, defaults: { url: string }) =>
  defineSettings({
    ...locationFields(prefix),
    target: {
      ...text<string>(`${prefix}_RPC_URL`, { what: 'where it is: grpc://host:port, or grpcs:// with TLS' }),
      fallback: (): Target => parseTarget(defaults.url),
      parse: parseTarget,
    },
    ...callFields(prefix),
    streamMs: integer(`${prefix}_STREAM_MS`, { what: 'for a whole stream', default: 300_000, min: 1 }),
    connectionMaxAgeMs: integer(`${prefix}_CONNECTION_MAX_AGE_MS`, {
      what: 'after which names are looked up anew, so that new replicas get their share',
      default: 30_000,
      min: 1,
    }),
    maxAnswerBytes: integer(`${prefix}_MAX_ANSWER_BYTES`, {
      what: 'of a message; a larger one is refused',
      default: 4_194_304,
      min: 1,
    }),
    caFile: text<string | undefined>(`${prefix}_CA_FILE`, {
      what: 'who signs its certificate, where that is nobody well known',
      default: undefined,
    }),
    certFile: text<string | undefined>(`${prefix}_CERT_FILE`, {
      what: 'certificate that this service shows',
      default: undefined,
    }),
    keyFile: text<string | undefined>(`${prefix}_KEY_FILE`, { what: 'key of that certificate', default: undefined }),
  });

export type RpcClientSettings = ReturnType<ReturnType<typeof rpcClientSettings>>;
