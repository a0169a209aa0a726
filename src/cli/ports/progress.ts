import type { Output, Progress } from '../../ports.ts';
import { painter } from './paint.ts';

const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const frameMs = 80;
/** From here on a moving line also tells how long it has been moving. */
const longMs = 3000;
const clearLine = '\r\x1b[K';

/** On a terminal one line that moves until the step ends; in a pipe one plain line a step. Never on stdout. */
export const progressOn = (stderr: Output): Progress => (stderr.isTerminal ? movingLine(stderr) : plainLines(stderr));

function plainLines(stderr: Output): Progress {
  const line = (text: string | undefined): void => {
    if (text) stderr.write(`${text}\n`);
  };
  return { step: line, done: line, fail: line };
}

function movingLine(stderr: Output): Progress {
  let timer: NodeJS.Timeout | undefined;
  let current = '';
  let startedAt = 0;
  let frame = 0;
  const paint = painter(stderr);
  // One column short: a full line wraps on some terminals, and a wrapped line cannot be cleared.
  const shorten = (text: string): string => text.slice(0, Math.max(10, stderr.columns - 3));
  const draw = (): void => {
    frame = (frame + 1) % frames.length;
    const elapsed = performance.now() - startedAt;
    const text = elapsed < longMs ? current : `${current}  ${Math.floor(elapsed / 1000)} s`;
    stderr.write(`${clearLine}${paint('cyan', frames[frame] as string)} ${shorten(text)}`);
  };
  const end = (mark: string, text = current): void => {
    clearInterval(timer);
    timer = undefined;
    stderr.write(`${clearLine}${mark} ${text}\n`);
  };
  return {
    step: (text) => {
      current = text;
      startedAt = performance.now();
      draw();
      // Unref: a line that moves must not keep a finished program alive.
      timer ??= setInterval(draw, frameMs).unref();
    },
    done: (text) => end(paint('green', '✔'), text),
    fail: (text) => end(paint('red', '✖'), text),
  };
}
