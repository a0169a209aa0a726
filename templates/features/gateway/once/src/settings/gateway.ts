import { TrustedProxies } from '../platform/gateway/client.ts';
import { defineSettings, field, integer, oneOf, text } from '../platform/settings.ts';

export default defineSettings({
  routesFile: text('ROUTES_FILE', { what: 'file with the routes', default: 'deploy/base/routes.yaml' }),
  trustedProxies: field(
    'TRUSTED_PROXIES',
    { what: 'proxies in front, whose X-Forwarded-For is believed', default: () => new TrustedProxies([]) },
    (raw) => new TrustedProxies(raw.split(',').map((range) => range.trim())),
  ),
  rates: oneOf('GATEWAY_RATES', ['memory', 'redis'], {
    what: 'where requests are counted: by each replica for itself, or together in Redis',
    default: 'memory',
  }),
  tokensKeptMs: integer('GATEWAY_TOKENS_KEPT_MS', {
    what: 'milliseconds that a token which was found good is not checked again',
    default: 30_000,
  }),
});
