import { service } from '../identity.ts';
import { defineSettings, type Environment, integer, isProduction, text } from '../platform/settings.ts';

export default defineSettings({
  issuer: text('AUTH_ISSUER', {
    what: 'address of the identity provider, exactly as in the "iss" of its tokens',
    default: onlyOutsideProduction,
  }),
  audience: text('AUTH_AUDIENCE', { what: 'what the "aud" of a token must name', default: service.name }),
  algorithms: text('AUTH_ALGORITHMS', {
    what: 'signature algorithms that are accepted, separated by commas',
    default: 'RS256,PS256,ES256,EdDSA',
  }),
  clockToleranceS: integer('AUTH_CLOCK_TOLERANCE_S', {
    what: 'seconds by which the clocks of issuer and service may differ',
    default: 30,
    max: 300,
  }),
  keysCooldownMs: integer('AUTH_KEYS_COOLDOWN_MS', {
    what: 'milliseconds between two fetches of keys, however many tokens name an unknown one',
    default: 30_000,
  }),
});

/** Tests and developers may work without a provider: everybody is let in. A deployment never may. */
function onlyOutsideProduction(env: Environment): string | undefined {
  if (isProduction(env)) throw new Error('set in production');
  return undefined;
}
