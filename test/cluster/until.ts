import { setTimeout as pause } from 'node:timers/promises';

/** Waits until `holds` answers true; the error after `timeout` milliseconds says what was waited for. */
export async function until(
  what: string,
  holds: () => Promise<boolean> | boolean,
  { timeout = 60_000 }: { timeout?: number } = {},
): Promise<void> {
  const deadline = Date.now() + timeout;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`waited ${timeout} ms for ${what}`);
    await pause(50);
  }
}
