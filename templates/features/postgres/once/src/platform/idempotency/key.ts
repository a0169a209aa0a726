import { createHash } from 'node:crypto';
import { Problem } from '../problem.ts';

/**
 * The key out of an `Idempotency-Key` header: a structured-field string (RFC 9651) by the draft, but a bare one is taken
 * too, since most clients send it so.
 * @throws Problem 400
 */
export function parseKey(header: string): string {
  const key = /^"(.*)"$/.exec(header)?.[1] ?? header;
  if (/^[\x21\x23-\x7e]{1,255}$/.test(key)) return key;
  throw new Problem(400, 'idempotency-key-invalid', 'The Idempotency-Key must be 1 to 255 visible ASCII characters');
}

/** Tells one request from another: what is asked, of what. */
export const fingerprintOf = ({ method, url, body }: { method: string; url: string; body: unknown }): string =>
  createHash('sha256')
    .update(`${method} ${url}\n${JSON.stringify(body ?? null)}`)
    .digest('hex');
