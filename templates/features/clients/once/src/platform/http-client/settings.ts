import { defineSettings, integer, text, urls } from '../settings.ts';
import { carrierFields } from './open-carrier.ts';

/** Settings of one client, named `<PREFIX>_…`. The defaults suit calls inside a cluster. */
export const clientSettings = (prefix: string, defaults: { url: string }) =>
  defineSettings({
    ...carrierFields(prefix),
    urls: urls(`${prefix}_URL`, { what: 'address, or several separated by commas', default: [new URL(defaults.url)] }),
    deadlineMs: integer(`${prefix}_DEADLINE_MS`, {
      what: 'for a whole call, with its retries',
      default: 5_000,
      min: 1,
    }),
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
      what: 'after which a connection is renewed, so that new replicas get their share',
      default: 30_000,
      min: 1,
    }),
    maxAnswerBytes: integer(`${prefix}_MAX_ANSWER_BYTES`, {
      what: 'of an answer; a larger one is refused',
      default: 1_048_576,
      min: 1,
    }),
    tokenFile: text<string | undefined>(`${prefix}_TOKEN_FILE`, {
      what: 'file with a bearer token',
      default: undefined,
    }),
  });

export type ClientSettings = ReturnType<ReturnType<typeof clientSettings>>;
