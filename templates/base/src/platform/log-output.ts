import { type DestinationStream, pino } from 'pino';

/** Milliseconds and characters that lines wait for others at most. */
const longestWaitMs = 10;
const mostWaiting = 16_384;

/**
 * Stdout, written without blocking and a few lines at a time: under load a write for each line costs a fifth of all that
 * a request costs. The last lines are written before the process exits.
 */
export function standardOutput(): DestinationStream & { flushSync(): void } {
  let waiting = '';
  const passOn = (): void => {
    if (waiting !== '') output.write(waiting);
    waiting = '';
  };
  // Before pino's own listener, which then writes everything.
  process.once('exit', passOn);
  const output = pino.destination({ dest: 1, sync: false });
  return {
    write(line) {
      if (waiting === '') setTimeout(passOn, longestWaitMs);
      waiting += line;
      if (waiting.length > mostWaiting) passOn();
    },
    flushSync() {
      passOn();
      output.flushSync();
    },
  };
}
