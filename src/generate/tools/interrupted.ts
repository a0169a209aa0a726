import { setImmediate, setTimeout } from 'node:timers/promises';

/** Long after Ctrl-C has been heard of; who sends the signal to a tool alone waits as long. */
const patienceMs = 5000;

/** SIGINT as an exit code: 128 + 2. */
const interrupted = 130;

/**
 * Once a tool has ended. Ctrl-C reaches the tool and this process at once, but threads take in the two signals that
 * follow, one for the key and one for the tool's end: on a busy machine the end is heard of first.
 *
 * @throws the signal's reason where aborted
 */
export async function throwIfInterrupted(
  ended: { signal?: string | undefined; exitCode?: number | undefined },
  signal: AbortSignal | undefined,
): Promise<void> {
  // One turn of the event loop, for a tool that ends in its own way.
  await setImmediate();
  if (signal && (ended.signal === 'SIGINT' || ended.exitCode === interrupted))
    await setTimeout(patienceMs, undefined, { signal }).catch(() => {});
  signal?.throwIfAborted();
}
