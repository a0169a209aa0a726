import { integer, text } from '../settings.ts';

/** Settings that clients of every kind have, named `<PREFIX>_…`: how patient they are, and who they are. */
export const callFields = (prefix: string) => ({
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
  tokenFile: text<string | undefined>(`${prefix}_TOKEN_FILE`, {
    what: 'file with a bearer token',
    default: undefined,
  }),
});
