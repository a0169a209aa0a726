import { setTimeout as delay } from 'node:timers/promises';
import closeWithGrace from 'close-with-grace';
import type { FastifyInstance } from 'fastify';
import serviceSettings from '../settings/service.ts';
import type { Tracing } from './tracing/start.ts';

// With a listener, a crash of the process would come again and again instead of ending it (Node's documentation of signal events).
const crashes = ['SIGILL', 'SIGTRAP', 'SIGABRT', 'SIGBUS', 'SIGFPE', 'SIGSEGV'] as const;

/**
 * Leaves without losing a request, in this order: say "not ready"; wait until the load balancers have heard it; accept
 * no more connections and finish what runs; close pools (onClose hooks); send the last spans. A second signal, or the
 * timeout, ends the process at once. An uncaught error leaves the same way, with exit status 1.
 */
export function closeOnSignals(app: FastifyInstance, tracing: Tracing): void {
  const { shutdownDelayMs, shutdownTimeoutMs } = serviceSettings(app.env);

  const options = { delay: shutdownDelayMs + shutdownTimeoutMs, logger: app.log, skip: [...crashes] };
  closeWithGrace(options, async ({ err, signal }) => {
    if (err) app.log.fatal({ err }, 'uncaught error: shutting down');
    else app.log.info(`${signal ?? 'end of work'}: shutting down`);
    app.lifecycle.phase = 'draining';
    if (!err) await delay(shutdownDelayMs);
    await app.close();
    await tracing.shutdown();
    app.log.info('closed');
  });
}
