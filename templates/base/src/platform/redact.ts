import { ServerResponse } from 'node:http';
import { pathOf } from './access-log.ts';

/** Keeps secrets out of what is written for people: log lines, spans, health reports. */
const hidden = '[redacted]';

// Names are compared without case, dashes and underscores, so `X-Api-Key`, `apiKey` and `API_KEY` are one.
const names = ['passw', 'passphrase', 'pwd', 'secret', 'token', 'cookie', 'authorization', 'credential', 'jwt'];
const keys = ['api', 'access', 'private', 'signing', 'encryption'].map((kind) => `${kind}key`);
const secretName = new RegExp(
  `${[...names, ...keys, 'connectionstring', 'databaseurl', 'sessionid'].join('|')}|^pass$`,
);

const isSecretName = (name: string): boolean => secretName.test(name.replace(/[-_. ]/g, '').toLowerCase());

/** How secrets stand in texts. Every repetition has a bound: a caller's text must not cost more than its length. */
const secretTexts: readonly [RegExp, string][] = [
  [/:\/\/(?:[^\s"'\\/?#:@]{0,128}:[^\s"'\\,]{1,256}|[^\s"'\\/?#]{1,256})@/g, `://${hidden}@`],
  [/((?:cookie|authorization)["']?\s{0,3}[:=])[^\n\r]+/gi, `$1 ${hidden}`],
  [/\b(bearer\s{1,3})[\w.~+/=-]+/gi, `$1${hidden}`],
  [/\b(Basic )(?=[a-z]{0,20}[A-Z0-9=])[\w+/=]+/g, `$1${hidden}`],
  [/\beyJ[\w-]{5,500}\.[\w-]+\.[\w-]*/g, hidden],
  [/-----BEGIN [A-Z ]{0,20}PRIVATE KEY-----[^-]+/g, hidden],
  [
    /((?:passw|passphrase|pwd|secret|token|credential|(?:api|access|private)[-_]?key)[\w-]{0,30}["']?\s{0,3}[:=]\s{0,3})(?!\[redacted)("[^"]*"|'[^']*'|[^\s,;&"')}\]]+)/gi,
    `$1${hidden}`,
  ],
  // Postgres, JSON.parse and Redis repeat what they did not understand.
  [/((?:invalid input|malformed|out of range|at or near)[^"\n]{0,80}")[^\n]*"/g, `$1${hidden}"`],
  [/"[^\n]*(" (?:is out of range|is not valid JSON))/g, `"${hidden}$1`],
  [/(with args beginning with:).*/g, `$1 ${hidden}`],
];

const longest = 16_384;

/** A text without passwords in addresses, tokens, cookies, keys and `name=value` of a secret; cut where it is very long. */
export function redactText(text: string): string {
  const short = text.length > longest ? `${text.slice(0, longest)}…` : text;
  return secretTexts.reduce((rest, [secret, instead]) => rest.replace(secret, instead), short);
}

const deepest = 8;
const most = 1_000;

/** A copy as JSON would have it, without secrets: by the name of a member at any depth, and inside of texts. */
export function redact(value: unknown): unknown {
  const above = new Set<unknown>();
  let left = most;

  const copy = (part: unknown): unknown => {
    if (typeof part === 'string') return redactText(part);
    if (typeof part !== 'object' || part === null) return part;
    if (above.has(part)) return '[circular]';
    left -= 1;
    if (left < 0 || above.size === deepest) return '[cut]';
    above.add(part);
    try {
      return copyObject(part);
    } catch {
      return '[unreadable]';
    } finally {
      above.delete(part);
    }
  };

  const copyObject = (part: object): unknown => {
    if (part instanceof Error) return errorFacts(part, copy);
    if (ArrayBuffer.isView(part)) return `[${part.byteLength} bytes]`;
    if (Array.isArray(part)) return part.map((item, i) => (isHiddenAfter(part[i - 1]) ? hidden : copy(item)));
    if (isResponse(part)) return { status: part.statusCode };
    if (isRequest(part)) return { method: part.method, path: pathOf(part.url) };
    if ('toJSON' in part && typeof part.toJSON === 'function') return copy(part.toJSON());
    return Object.fromEntries(
      Object.entries(part).map(([name, item]) => [name, isHidden(name, item) ? hidden : copy(item)]),
    );
  };

  return copy(value);
}

/** That there is a password, or none, is no secret. */
const isHidden = (name: string, value: unknown): boolean =>
  value !== null && value !== undefined && typeof value !== 'boolean' && isSecretName(name);

/** Raw headers are a list of names and values in turn. */
const isHiddenAfter = (name: unknown): boolean => typeof name === 'string' && name.length < 40 && isSecretName(name);

// Node's and Fastify's: large, and full of what callers sent.
const isPlain = (part: object): boolean => [Object.prototype, null].includes(Object.getPrototypeOf(part));
const isRequest = (part: object): part is { method: string; url: string } =>
  !isPlain(part) && 'method' in part && 'headers' in part && 'url' in part && typeof part.url === 'string';
const isResponse = (part: object): part is { statusCode: number } =>
  part instanceof ServerResponse || ('statusCode' in part && 'getHeader' in part);

/**
 * What may be told of an error beside its text. Drivers hang on it what they were given: the command with its arguments,
 * the row that was refused, the request with its headers; so only these are taken.
 */
const told =
  'code errno syscall address port hostname status statusCode severity schema table column constraint routine service reason retryAfterMs';

export interface ErrorFacts {
  type: string;
  message: string;
  stack: string | undefined;
  [fact: string]: unknown;
}

export function errorFacts(error: Error, copy: (part: unknown) => unknown = redact): ErrorFacts {
  const { cause, errors } = error as AggregateError;
  const message = redactText(error.message);
  const facts = Object.entries(error).filter(
    ([name, value]) => told.split(' ').includes(name) && typeof value !== 'object',
  );
  return {
    type: error.name,
    message,
    // It begins with the message as it was.
    stack: error.stack && redactText(error.stack.replace(error.message, () => message)),
    ...Object.fromEntries(facts.map(([name, value]) => [name, copy(value)])),
    ...(cause === undefined ? {} : { cause: copy(cause) }),
    ...(Array.isArray(errors) ? { errors: copy(errors) } : {}),
  };
}
