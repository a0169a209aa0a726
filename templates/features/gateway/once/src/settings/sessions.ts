import { defineSettings, type Environment, integer, text, url } from '../platform/settings.ts';

/** Sessions of browsers: there are none without a client of the provider in AUTH_ISSUER. */
export default defineSettings({
  clientId: text<string | undefined>('SESSION_CLIENT_ID', {
    what: 'what this gateway is called at the identity provider',
    default: undefined,
  }),
  clientSecret: text<string | undefined>('SESSION_CLIENT_SECRET', {
    what: 'its secret there',
    secret: true,
    default: neededWithClient,
  }),
  scope: text('SESSION_SCOPE', { what: 'scopes that a log-in asks for', default: 'openid offline_access' }),
  resource: text<string | undefined>('SESSION_RESOURCE', {
    what: 'whom the access token is for (RFC 8707), where the provider wants to know',
    default: undefined,
  }),
  publicUrl: url('PUBLIC_URL', {
    what: 'address at which browsers see this gateway',
    default: (env) => new URL(`http://127.0.0.1:${env.PORT || 3000}`),
  }),
  lifetimeMs: integer('SESSION_LIFETIME_MS', {
    what: 'milliseconds that a session lives after its last renewal',
    default: 28_800_000,
    min: 1_000,
  }),
});

function neededWithClient({ SESSION_CLIENT_ID }: Environment): string | undefined {
  if (SESSION_CLIENT_ID) throw new Error('set beside SESSION_CLIENT_ID');
  return undefined;
}
