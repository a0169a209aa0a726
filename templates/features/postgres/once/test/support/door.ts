import type { TestContext } from 'node:test';

/**
 * A door that calls wait at until it is opened. Made before all else in a test and given that, it opens when the test
 * ends, however it does: whoever still waits would keep it from ending.
 */
export function door(t?: TestContext): { opened: Promise<void>; open(): void } {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  t?.after(() => open());
  return { opened, open };
}
