import { setTimeout as delay } from 'node:timers/promises';
import closeWithGrace from 'close-with-grace';
import type { FastifyInstance } from 'fastify';
import serviceSettings from '../settings/service.ts';
import type { Tracing } from './tracing/start.ts';
import { within } from './within.ts';

/** Those by which others ask a process to end. */
const endSignals = ['SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGTERM', 'SIGUSR2'] as const;
// With a listener, a crash of the process would come again and again instead of ending it (Node's documentation of signal events).
const crashes = ['SIGILL', 'SIGTRAP', 'SIGABRT', 'SIGBUS', 'SIGFPE', 'SIGSEGV'] as const;
/** One Ctrl-C may arrive twice: from the terminal, and from npm or another parent that passes it on. */
const sameSignalMs = 1_000;
/** Nobody who keeps a list, and does not answer, holds a shutdown up for longer. */
const leaveMs = 1_000;

/**
 * Listens for signals, so it is made before anything else: as process 1, which a container's is, a process does not even
 * notice those that it does not listen to. A signal more than a second after the first ends the process at once.
 */
export class Shutdown {
  #since: number | undefined;
  /** There is nothing to close yet: what a start has begun in a database, that undoes. */
  #leave = (signal: string): void => {
    process.stderr.write(`${signal} during the start: exiting\n`);
    process.exit(0);
  };

  constructor() {
    for (const signal of endSignals) {
      process.on(signal, () => {
        if (this.#since === undefined) {
          this.#since = performance.now();
          this.#leave(signal);
        } else if (performance.now() - this.#since > sameSignalMs) {
          process.stderr.write(`${signal} again: exiting\n`);
          process.exit(1);
        }
      });
    }
  }

  get hasBegun(): boolean {
    return this.#since !== undefined;
  }

  /**
   * From now on it leaves without losing a request, in this order: say "not ready", and to those who keep a list of
   * instances that this one leaves; wait until the load balancers have heard it; accept no more connections and finish
   * what runs; close pools (onClose hooks); send the last spans. What is not finished in time is cut off, so that the
   * rest still happens; where that takes too long as well, the process ends at once. An uncaught error leaves the same
   * way, with exit status 1.
   */
  of(app: FastifyInstance, tracing: Tracing): void {
    const { shutdownDelayMs, shutdownTimeoutMs } = serviceSettings(app.env);
    let reason = 'end of work';
    const options = { delay: shutdownDelayMs + shutdownTimeoutMs, logger: app.log, skip: [...endSignals, ...crashes] };
    const grace = closeWithGrace(options, async ({ err }) => {
      this.#since ??= performance.now();
      if (err) app.log.fatal({ err }, 'uncaught error: shutting down');
      else app.log.info(`${reason}: shutting down`);
      const wasReady = app.lifecycle.phase === 'ready';
      app.lifecycle.phase = 'draining';
      await within(leaveMs, () => Promise.allSettled(app.lifecycle.leaving.map((leave) => leave()))).catch(() => {});
      if (wasReady && !err) await delay(shutdownDelayMs);
      const patience = setTimeout(cutOff, shutdownTimeoutMs * 0.8, app);
      await app.close();
      clearTimeout(patience);
      await tracing.shutdown();
      app.log.info('closed');
    });
    this.#leave = (signal) => {
      reason = signal;
      void grace.close();
    };
  }
}

function cutOff(app: FastifyInstance): void {
  app.log.error('requests are still under way: they are cut off');
  app.server.closeAllConnections();
}
