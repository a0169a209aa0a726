import { service } from '../../identity.ts';
import { Problem } from '../problem.ts';

/** An answer that headers can be put into. */
export interface Challenged {
  header(name: string, value: string): unknown;
}

/**
 * Refusals as RFC 6750 (section 3) wants them: a `WWW-Authenticate` header for programs, and a problem document that
 * says the same. Without a token there is no error code in it: the caller has not done anything wrong yet.
 */
export const refuse = {
  missing: (reply: Challenged): Problem => {
    challenge(reply, {});
    return new Problem(401, 'token-missing', 'This needs a token', { detail: 'Send it as: Authorization: Bearer …' });
  },

  invalid: (reply: Challenged, reason: string): Problem => {
    challenge(reply, { error: 'invalid_token', error_description: reason });
    return new Problem(401, 'token-invalid', reason);
  },

  insufficient: (reply: Challenged, needed: readonly string[], missing: readonly string[]): Problem => {
    challenge(reply, { error: 'insufficient_scope', scope: needed.join(' ') });
    return new Problem(403, 'scope-missing', 'The token does not allow this', { missing_scopes: missing });
  },

  unknown: (reply: Challenged): Problem => {
    reply.header('retry-after', '5');
    return new Problem(503, 'identity-provider-away', 'Tokens cannot be checked at the moment');
  },
};

/** @throws Problem 403 where one of those that are needed is missing */
export function requireScopes(has: ReadonlySet<string>, needed: readonly string[], reply: Challenged): void {
  const missing = needed.filter((scope) => !has.has(scope));
  if (missing.length > 0) throw refuse.insufficient(reply, needed, missing);
}

function challenge(reply: Challenged, parameters: Readonly<Record<string, string>>): void {
  const parts = Object.entries({ realm: service.name, ...parameters });
  reply.header('www-authenticate', `Bearer ${parts.map(([name, value]) => `${name}=${quoted(value)}`).join(', ')}`);
}

/** What RFC 6750 allows inside its quotes: printable ASCII without the quote and the backslash. */
const quoted = (value: string): string => `"${value.replace(/"/g, "'").replace(/[^\x20-\x7e]|\\/g, '?')}"`;
