import type { Ports } from '../../../src/ports.ts';

const silent = { write: () => {}, isTerminal: false, columns: 80, color: false };

/** Ports of a run that nobody watches, on a day that does not change. */
export const testPorts = (overrides: Partial<Ports> = {}): Ports => ({
  env: process.env,
  cwd: process.cwd(),
  platform: process.platform,
  now: () => new Date('2026-01-01T00:00:00.000Z'),
  stdout: silent,
  stderr: silent,
  progress: { step: () => {}, done: () => {}, fail: () => {} },
  signal: new AbortController().signal,
  ...overrides,
});
