import { defineSettings, integer, isProduction, oneOf, text } from '../platform/settings.ts';

const levels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

/** Settings of the service itself. Those of a feature stand beside this file, in one of their own. */
export default defineSettings({
  host: text('HOST', {
    what: 'address to listen on',
    default: (env) => (env.NODE_ENV === 'development' ? '127.0.0.1' : '0.0.0.0'),
  }),
  port: integer('PORT', { what: 'port to listen on', default: 3000, max: 65535 }),
  logLevel: oneOf('LOG_LEVEL', levels, { what: 'least severe level that is logged', default: 'info' }),
  // Longer than a load balancer's in front of it, or that would send requests on connections that are about to close.
  keepAliveTimeoutMs: integer('KEEP_ALIVE_TIMEOUT_MS', {
    what: 'milliseconds after which a connection without requests is closed',
    default: 72_000,
  }),
  // Kubernetes goes on sending requests until every node knows that this pod is leaving, which takes seconds.
  shutdownDelayMs: integer('SHUTDOWN_DELAY_MS', {
    what: 'milliseconds between "not ready" and no longer accepting connections',
    default: (env) => (isProduction(env) ? 5_000 : 0),
  }),
  shutdownTimeoutMs: integer('SHUTDOWN_TIMEOUT_MS', {
    what: 'milliseconds after which a shutdown is forced',
    default: 25_000,
    min: 1,
  }),
});
