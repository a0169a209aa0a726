import type { Ask, Output, Ports } from '../../../src/ports.ts';

export interface Captured extends Output {
  text: string;
}

export const captured = (isTerminal = false): Captured => ({
  text: '',
  isTerminal,
  columns: 80,
  color: false,
  write(text) {
    this.text += text;
  },
});

/** Ports that keep what is written. */
export function testPorts(
  given: { cwd?: string; env?: Ports['env']; ask?: Ask; signal?: AbortSignal } = {},
): Ports & { stdout: Captured; stderr: Captured } {
  const [stdout, stderr] = [captured(), captured()];
  const line = (text?: string): void => {
    if (text) stderr.write(`${text}\n`);
  };
  return {
    env: given.env ?? {},
    cwd: given.cwd ?? '/',
    platform: process.platform,
    now: () => new Date(0),
    stdout,
    stderr,
    progress: { step: line, done: line, fail: line },
    ...(given.ask ? { ask: given.ask } : {}),
    signal: given.signal ?? new AbortController().signal,
  };
}
