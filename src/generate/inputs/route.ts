import { UserError } from '../../errors.ts';
import { harmlessLine } from '../../harmless.ts';

/** A route as the command line gives it: texts, and lists of texts. */
export interface RouteInput {
  path: string;
  service: string;
  settings: Readonly<Record<string, string | number | boolean | readonly string[]>>;
}

interface Form {
  pattern: RegExp;
  /** What it must be, with an example. */
  must: string;
}

const duration: Form = { pattern: /^[1-9]\d{0,8}(?:ms|s|m|h)$/, must: 'a duration such as 500ms, 30s or 5m' };

/** What the gateway's own file of routes takes; it says the same with line and column (src/platform/gateway/routes-file.ts). */
const forms: Readonly<Record<string, Form>> = {
  path: {
    pattern: /^(?=.)(?:\/(?!\.{1,2}(?:\/|$))[\w\-.~!$&'()+,=:@]+)*(?:\/\*?)?$/,
    must: 'a path such as /api/orders, or /api/orders/* for all below it',
  },
  url: { pattern: /^https?:\/\/[^\s?#@]+$/, must: 'an http(s) address without a query' },
  methods: { pattern: /^(?:DELETE|GET|HEAD|OPTIONS|PATCH|POST|PUT)$/, must: 'methods such as GET,POST' },
  auth: { pattern: /^(?:none|token|session|any)$/, must: 'token, session, any or none' },
  scopes: { pattern: /^[\x21\x23-\x5b\x5d-\x7e]+$/, must: 'scopes such as orders:read' },
  rewrite: { pattern: /^(?:\/[\w\-.~]+)*\/?$/, must: 'a path such as /v1/orders' },
  timeout: duration,
  idle: duration,
  retries: { pattern: /^[0-5]$/, must: 'a number from 0 to 5' },
  body: { pattern: /^\d{1,9}(?:B|KiB|MiB|GiB)$/, must: 'a size such as 64KiB or 10MiB' },
  rate: { pattern: /^[1-9]\d{0,8}\/(?:s|min|h)$/, must: 'requests in a time, such as 10/s or 600/min' },
  token: { pattern: /^(?:pass|exchange|none)$/, must: 'pass, exchange or none' },
  audience: { pattern: /^[\x21-\x7e]+$/, must: 'an audience such as order-service' },
  allow: {
    pattern: /^(?:encoded-slash|semicolon|empty-segment|double-encoding)$/,
    must: 'some of encoded-slash, semicolon, empty-segment, double-encoding',
  },
};

function wrongPart(name: string, value: RouteInput['settings'][string]): { part: string; must: string } | undefined {
  const form = forms[name];
  const wrong = form && [value].flat().find((part) => !form.pattern.test(String(part)));
  return form && wrong !== undefined ? { part: String(wrong), must: form.must } : undefined;
}

/** Why this cannot be what a route says under that name, or undefined where it can. */
export function whyNoRoutePart(name: string, value: string | readonly string[]): string | undefined {
  if (value.length === 0) return 'an answer is needed';
  const wrong = wrongPart(name, value);
  return wrong && `"${harmlessLine(wrong.part)}": it must be ${wrong.must}`;
}

/** @throws UserError ROUTE_INVALID for the first part that the gateway would refuse */
export function checkRoute({ path, settings }: RouteInput): void {
  for (const [name, value] of Object.entries({ path, ...settings })) {
    const wrong = wrongPart(name, value);
    if (wrong) throw invalid(name, wrong.part, wrong.must);
  }
  if (settings['auth'] !== 'none') return;
  if (settings['scopes']) {
    throw new UserError({
      code: 'ROUTE_INVALID',
      what: 'A route for everybody cannot ask for scopes',
      why: 'Scopes stand in a token, and with --auth none there need not be one.',
      fix: 'Leave out --auth none, or --scopes',
    });
  }
  if (settings['token'] === 'exchange') {
    throw new UserError({
      code: 'ROUTE_INVALID',
      what: 'A route for everybody has no token to exchange',
      why: 'With --auth none there need not be one.',
      fix: 'Leave out --auth none, or --token exchange',
    });
  }
}

const invalid = (name: string, value: string, must: string): UserError =>
  new UserError({
    code: 'ROUTE_INVALID',
    what: `"${harmlessLine(value)}" cannot be the ${name} of a route`,
    why: `It must be ${must}.`,
    fix:
      name === 'path'
        ? "Give it as: msvc add-route '/api/orders/*' order-service"
        : `Correct --${name}, or leave it out; docs/gateway.md of the service has what each means`,
  });
