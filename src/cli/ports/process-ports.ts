import { text } from 'node:stream/consumers';
import { isatty } from 'node:tty';
import type { Ports } from '../../ports.ts';
import { askOn, mayAsk } from './ask.ts';
import { interruptSignal } from './interrupt.ts';
import { streamOutput, wantsColor } from './output.ts';
import { progressOn } from './progress.ts';

/** The real ports, made of this process. */
export function processPorts(argv: readonly string[]): Ports {
  const { env, platform } = process;
  const [stdout, stderr] = [process.stdout, process.stderr].map((stream) => {
    // Whoever read us has left (`msvc … | head`): that is no error, and work under way still finishes.
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
    });
    return streamOutput(stream, wantsColor(stream.isTTY === true, env, argv));
  }) as [Ports['stdout'], Ports['stderr']];
  const signal = interruptSignal(stderr.write);
  return {
    env,
    cwd: process.cwd(),
    platform,
    now: () => new Date(),
    stdout,
    stderr,
    progress: progressOn(stderr),
    ...(mayAsk(env, { stdin: isatty(0), stdout: stdout.isTerminal }) ? { ask: askOn(signal) } : {}),
    ...(isatty(0) ? {} : { input: () => text(process.stdin) }),
    signal,
  };
}
