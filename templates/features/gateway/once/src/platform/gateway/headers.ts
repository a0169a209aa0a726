import type { IncomingMessage } from 'node:http';
import { correlationHeader, patienceHeader } from '../context.ts';

/** They belong to one connection (RFC 9110, 7.6.1). */
const ofTheConnection = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'transfer-encoding',
  'upgrade',
]);

/**
 * What only a gateway may say, or what makes an upstream take another path or method than was checked. An underscore:
 * some servers read `X_User_Id` as `X-User-Id`.
 */
const pretended =
  /^(x-forwarded|forwarded|x-real-ip|x-client-ip|x-cluster-client-ip|true-client-ip|x-user|x-auth|x-original|x-rewrite|x-http-method|x-method-override|proxy$|traceparent$|tracestate$|baggage$)|_/;

/** Written anew, or no matter of the upstream. */
const ours = new Set(['host', 'expect', correlationHeader, patienceHeader]);

export interface Client {
  address: string;
  protocol: string;
  host: string;
}

/** Whether a cookie of that name is ours alone; undefined where none is. */
export type OwnCookies = ((name: string) => boolean) | undefined;

interface Sent {
  client: Client;
  correlationId: string;
  timeoutMs: number;
  /** Whether the caller's token goes along. */
  passesToken: boolean;
  /** Of the session of a browser, which has none itself. */
  token: string | undefined;
  isOwnCookie: OwnCookies;
}

/** The headers of a request as the upstream gets them: names and values in turn. */
export function requestHeaders({ rawHeaders, headers }: IncomingMessage, sent: Sent): string[] {
  const named = namedBy(headers.connection);
  const passed: string[] = [];
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = (rawHeaders[i] as string).toLowerCase();
    if (ofTheConnection.has(name) || ours.has(name) || named?.has(name) || pretended.test(name)) continue;
    if (name === 'authorization' && (!sent.passesToken || sent.token !== undefined)) continue;
    const value = rawHeaders[i + 1] as string;
    const left = name === 'cookie' ? withoutOwn(value, sent.isOwnCookie) : value;
    if (name !== 'cookie' || left !== '') passed.push(name, left);
  }
  if (sent.token !== undefined && sent.passesToken) passed.push('authorization', `Bearer ${sent.token}`);
  const { address, protocol, host } = sent.client;
  passed.push('x-forwarded-for', address, 'x-forwarded-proto', protocol, 'x-forwarded-host', host);
  passed.push(correlationHeader, sent.correlationId, patienceHeader, String(sent.timeoutMs));
  return passed;
}

function withoutOwn(cookies: string, isOwn: OwnCookies): string {
  if (!isOwn) return cookies;
  return cookies
    .split(/; */)
    .filter((pair) => !isOwn(cookieName(pair)))
    .join('; ');
}

/** Of `name=value`, with or without what comes behind it. */
export const cookieName = (cookie: string): string => cookie.split('=', 1)[0]?.trim() ?? '';

/**
 * The headers of an answer as the client gets them, over those that the gateway has set itself: names and values in turn.
 *
 * @param connection the answer's header of that name
 */
export function answerHeaders(
  raw: readonly (Buffer | string)[],
  connection: string | string[] | undefined,
  own: Readonly<Record<string, unknown>>,
  ownCors: boolean,
  isOwnCookie: OwnCookies,
): string[] {
  const named = namedBy(connection?.toString());
  const left = { ...own };
  const passed: string[] = [];
  for (let i = 0; i < raw.length; i += 2) {
    const written = latin1(raw[i]);
    const name = written.toLowerCase();
    if (ofTheConnection.has(name) || named?.has(name) || name === correlationHeader || name === 'x-powered-by')
      continue;
    if (ownCors && name.startsWith('access-control-')) continue;
    const value = latin1(raw[i + 1]);
    // No upstream says who somebody is to us.
    if (isOwnCookie && name === 'set-cookie' && isOwnCookie(cookieName(value))) continue;
    passed.push(written, value);
    // Both say for whom a copy counts.
    if (name in left && name !== 'vary') delete left[name];
  }
  for (const name in left) passed.push(name, String(left[name]));
  return passed;
}

export const latin1 = (part: Buffer | string | undefined): string =>
  typeof part === 'string' ? part : (part?.toString('latin1') ?? '');

/** Headers that a `Connection` header names: they go no further either. */
function namedBy(connection: string | undefined): ReadonlySet<string> | undefined {
  if (!connection || /^(keep-alive|close|upgrade)$/i.test(connection)) return undefined;
  return new Set(
    connection
      .toLowerCase()
      .split(',')
      .map((name) => name.trim()),
  );
}

/** Node cuts off those beyond without a word. */
export const mostHeaders = 200;

const oneHost = /^(?:[a-z0-9](?:[a-z0-9.-]{0,253}[a-z0-9.])?|\[[0-9a-f:.]{2,45}\])(?::\d{1,5})?$/i;

/**
 * What Node's parser lets pass and two programs may read in two ways.
 *
 * @returns the status to refuse with; undefined where there is nothing to refuse
 */
export function refusedStatus({ httpVersion, headers, rawHeaders }: IncomingMessage): number | undefined {
  // Those beyond are not there, and one of them may have been what mattered.
  if (rawHeaders.length >= 2 * mostHeaders) return 431;
  // Without a version it is HTTP 0.9.
  if (httpVersion !== '1.1' && httpVersion !== '1.0') return 400;
  const coding = headers['transfer-encoding'];
  if (coding !== undefined && (httpVersion === '1.0' || coding.trim().toLowerCase() !== 'chunked')) return 400;
  if (headers.upgrade !== undefined && /\bh2c\b/i.test(headers.upgrade)) return 400;
  let hosts = 0;
  let credentials = 0;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] as string;
    if (name.length === 4 && name.toLowerCase() === 'host') hosts += 1;
    // Here the first one is looked at, by some upstreams the last.
    if (name.length === 13 && name.toLowerCase() === 'authorization') credentials += 1;
  }
  if (hosts > 1 || credentials > 1 || (headers.host !== undefined && !oneHost.test(headers.host))) return 400;
  return undefined;
}
