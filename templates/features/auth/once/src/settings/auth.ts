import { service } from '../identity.ts';
import { defineSettings, type Environment, field, integer, text, url } from '../platform/settings.ts';

export default defineSettings({
  issuer: text('AUTH_ISSUER', {
    what: 'address of the identity provider, exactly as in the "iss" of its tokens',
    default: onlyWhereNobodyElseIs,
  }),
  jwksUrl: url<URL | undefined>('AUTH_JWKS_URL', {
    what: "address of the provider's keys, where its metadata is not to be asked for it",
    default: undefined,
  }),
  audience: text('AUTH_AUDIENCE', { what: 'what the "aud" of a token must name', default: service.name }),
  algorithms: field(
    'AUTH_ALGORITHMS',
    {
      what: 'signature algorithms that are accepted, separated by commas',
      default: ['RS256', 'PS256', 'ES256', 'EdDSA'],
    },
    (raw) => raw.split(',').map((name) => name.trim()),
  ),
  clockToleranceS: integer('AUTH_CLOCK_TOLERANCE_S', {
    what: 'seconds by which the clocks of issuer and service may differ',
    default: 30,
    max: 300,
  }),
  keysMaxAgeMs: integer('AUTH_KEYS_MAX_AGE_MS', {
    what: 'milliseconds after which the keys are fetched again, so that a withdrawn one stops to count',
    default: 600_000,
    min: 1,
  }),
  keysCooldownMs: integer('AUTH_KEYS_COOLDOWN_MS', {
    what: 'milliseconds between two fetches of keys, however many tokens name an unknown one',
    default: 30_000,
  }),
});

/** Tests and developers may work without a provider: everybody is let in. Whatever else it is, it may be reached by others. */
function onlyWhereNobodyElseIs({ NODE_ENV }: Environment): string | undefined {
  if (NODE_ENV === 'development' || NODE_ENV === 'test') return undefined;
  throw new Error('set unless NODE_ENV is development or test (without it everybody may do everything)');
}
