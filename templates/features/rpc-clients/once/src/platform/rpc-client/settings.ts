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
    deadlineMs: integer(`${prefix}_DEADLINE_MS`, {
      what: 'for a whole call, with its retries',
      default: 5_000,
      min: 1,
    }),
    streamMs: integer(`${prefix}_STREAM_MS`, { what: 'for a whole stream', default: 300_000, min: 1 }),
    attemptMs: integer(`${prefix}_ATTEMPT_MS`, { what: 'for one attempt', default: 2_000, min: 1 }),
    retries: integer(`${prefix}_RETRIES`, { what: 'attempts after the first', default: 2, max: 10 }),
    breakerFailures: integer(`${prefix}_BREAKER_FAILURES`, { what: 'in a row that open it', default: 5, min: 1 }),
    breakerOpenMs: integer(`${prefix}_BREAKER_OPEN_MS`, {
      what: 'until it lets one probe through',
      default: 30_000,
      min: 1,
    }),
    maxConcurrent: integer(`${prefix}_MAX_CONCURRENT`, { what: 'calls at once', default: 100, min: 1 }),
    maxQueued: integer(`${prefix}_MAX_QUEUED`, { what: 'calls that wait for their turn', default: 100 }),
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
    tokenFile: text<string | undefined>(`${prefix}_TOKEN_FILE`, {
      what: 'file with a bearer token',
      default: undefined,
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
