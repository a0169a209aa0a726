const patienceMs = 500;

/**
 * Aborted by the first Ctrl-C or SIGTERM, so that work can clean up after itself; the second leaves at once. Says so
 * when cleaning up takes long enough to wonder.
 */
export function interruptSignal(tell: (text: string) => void): AbortSignal {
  const controller = new AbortController();
  const interrupt = (): void => {
    if (controller.signal.aborted) process.exit(130);
    controller.abort();
    setTimeout(() => tell('Stopping. Press Ctrl-C again to leave at once.\n'), patienceMs).unref();
  };
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  return controller.signal;
}
