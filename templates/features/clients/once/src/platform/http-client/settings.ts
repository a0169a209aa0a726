import { defineSettings, integer, urls } from '../settings.ts';
import { callFields } from './call-fields.ts';
import { carrierFields } from './open-carrier.ts';

/** Settings of one client, named `<PREFIX>_…`. The defaults suit calls inside a cluster. */
export const clientSettings = (prefix: string, defaults: { url: string }) =>
  defineSettings({
    ...carrierFields(prefix),
    urls: urls(`${prefix}_URL`, { what: 'address, or several separated by commas', default: [new URL(defaults.url)] }),
    ...callFields(prefix),
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
  });

export type ClientSettings = ReturnType<ReturnType<typeof clientSettings>>;
