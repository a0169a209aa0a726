import { type JWTPayload, jwtVerify } from 'jose';
import type { KeySet } from '../auth/key-set.ts';

interface LogoutRules {
  issuer: string;
  clientId: string;
  algorithms: string[];
}

export interface Ended {
  /** One session at the provider. */
  sid: string | undefined;
  /** All of a person's, where no session is named. */
  subject: string | undefined;
}

const event = 'http://schemas.openid.net/event/backchannel-logout';

/**
 * What the provider says of a session that has ended elsewhere (OpenID Connect Back-Channel Logout 1.0, 2.6).
 *
 * @throws where the token is none, or not for us
 */
export async function readLogoutToken(token: string, keys: KeySet, rules: LogoutRules): Promise<Ended> {
  const { payload } = await jwtVerify(token, keys.find, {
    issuer: rules.issuer,
    audience: rules.clientId,
    algorithms: rules.algorithms,
    maxTokenAge: '5m',
    clockTolerance: 30,
    requiredClaims: ['iat', 'jti'],
  });
  const { events, nonce, sid, sub } = payload as JWTPayload & { events?: Record<string, unknown> };
  // With a nonce it would be an ID token that somebody passes off as this.
  if (typeof events?.[event] !== 'object' || nonce !== undefined) throw new Error('this is no logout token');
  if (typeof sid !== 'string' && sub === undefined) throw new Error('it names neither a session nor a person');
  return { sid: typeof sid === 'string' ? sid : undefined, subject: sub };
}
