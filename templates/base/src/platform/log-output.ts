import { type DestinationStream, pino } from 'pino';

/** Milliseconds and characters that lines wait for others at most. */
const longestWaitMs = 10;
const mostWaiting = 16_384;
/** Bytes kept for a reader that does not come: then lines are lost, or a log that is stuck would end the service. */
const mostUnread = 8_388_608;

/**
 * Stdout, written without blocking and a few lines at a time: under load a write for each line costs a fifth of all that
 * a request costs. The last lines are written before the process exits.
 */
export function standardOutput(): DestinationStream & { flushSync(): void } {
  let waiting = '';
  let lost = 0;
  const passOn = (): void => {
    if (waiting !== '') output.write(waiting);
    waiting = '';
  };
  // Before pino's own listener, which then writes everything.
  process.once('exit', passOn);
  const output = pino.destination({ dest: 1, sync: false, maxLength: mostUnread });
  output.on('drop', (lines: string) => {
    lost += lines.split('\n').length - 1;
  });
  output.on('drain', () => {
    if (lost === 0) return;
    const msg = `${lost} lines of the log are lost: nobody read them`;
    lost = 0;
    output.write(`${JSON.stringify({ level: 'warn', time: new Date().toISOString(), msg })}\n`);
  });
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
