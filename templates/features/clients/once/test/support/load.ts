import type { TestContext } from 'node:test';
import { eventually } from './eventually.ts';

/** Makes a call again and again, `atOnce` at the same time, until it is finished or the test has ended. */
export function startLoad(t: TestContext, call: () => Promise<unknown>, atOnce = 8) {
  const failed: unknown[] = [];
  let answered = 0;
  let isOver = false;
  t.after(() => {
    isOver = true;
  });
  const worker = async () => {
    while (!isOver)
      await call().then(
        () => {
          answered += 1;
        },
        (error: unknown) => failed.push(error),
      );
  };
  const workers = Array.from({ length: atOnce }, worker);
  return {
    /** Waits until so many more were answered. */
    async calls(more: number): Promise<void> {
      const enough = answered + more;
      await eventually(`${more} calls are answered`, () => answered >= enough, 120_000);
    },
    /** Ends the load. @returns why calls failed */
    async finish(): Promise<unknown[]> {
      isOver = true;
      await Promise.all(workers);
      return failed;
    },
  };
}
