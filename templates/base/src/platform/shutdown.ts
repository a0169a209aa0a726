import { setTimeout as delay } from 'node:timers/promises';
import closeWithGrace from 'close-with-grace';
import type { FastifyInstance } from 'fastify';
import serviceSettings from '../settings/service.ts';
import type { Tracing } from './tracing/start.ts';

/** Those by which others ask a process to end. */
const endSignals = ['SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGTERM', 'SIGUSR2'] as const;
// With a listener, a crash of the process would come again and again instead of ending it (Node's documentation of signal events).
const crashes = ['SIGILL', 'SIGTRAP', 'SIGABRT', 'SIGBUS', 'SIGFPE', 'SIGSEGV'] as const;
/** One Ctrl-C may arrive twice: from the terminal, and from npm or another parent that passes it on. */
const sameSignalMs = 1_000;

/**
 * Leaves without losing a request, in this order: say "not ready"; wait until the load balancers have heard it; accept
 * no more connections and finish what runs; close pools (onClose hooks); send the last spans. A signal more than a
 * second after the first, or the timeout, ends the process at once. An uncaught error leaves the same way, with exit status 1.
 */
export function closeOnSignals(app: FastifyInstance, tracing: Tracing): void {
  const { shutdownDelayMs, shutdownTimeoutMs } = serviceSettings(app.env);

  let reason = 'end of work';
  let leavingSince: number | undefined;
  const options = { delay: shutdownDelayMs + shutdownTimeoutMs, logger: app.log, skip: [...endSignals, ...crashes] };
  const grace = closeWithGrace(options, async ({ err }) => {
    leavingSince = performance.now();
    if (err) app.log.fatal({ err }, 'uncaught error: shutting down');
    else app.log.info(`${reason}: shutting down`);
    app.lifecycle.phase = 'draining';
    if (!err) await delay(shutdownDelayMs);
    await app.close();
    await tracing.shutdown();
    app.log.info('closed');
  });

  for (const signal of endSignals) {
    process.on(signal, () => {
      if (leavingSince === undefined) {
        reason = signal;
        void grace.close();
      } else if (performance.now() - leavingSince > sameSignalMs) {
        app.log.error(`${signal} again: exiting`);
        process.exit(1);
      }
    });
  }
}
