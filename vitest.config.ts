import { defineConfig } from 'vitest/config';

// Projects that this repository generates (test runs, or a try of the README inside a clone) bring tests of their own:
// only test/ is ours.
const exclude = ['**/node_modules/**', '**/fixtures/**'];

export default defineConfig({
  test: {
    // CI counts from the runner's own result.
    ...(process.env.TEST_RESULT && { reporters: ['default', ['json', { outputFile: process.env.TEST_RESULT }]] }),
    projects: [
      {
        // Pure code and the command line: seconds. `npm run test:fast` runs only these. The limits are far longer: some
        // run dozens of processes, and on a machine that is busy with something else each takes a multiple of its time.
        test: {
          name: 'fast',
          include: ['test/**/*.test.ts'],
          exclude: [...exclude, 'test/**/*.cluster.test.ts', 'test/generated/**'],
          testTimeout: 180_000,
          hookTimeout: 180_000,
        },
      },
      {
        // One real control plane for all files, started by the global set-up; built on first use.
        test: {
          name: 'cluster',
          include: ['test/**/*.cluster.test.ts'],
          globalSetup: ['test/cluster/global-setup.ts'],
          exclude,
          testTimeout: 120_000,
          hookTimeout: 900_000,
          fileParallelism: false,
        },
      },
      {
        // What we generate, installed afresh, linted, built and tested: minutes, so one after the other.
        test: {
          name: 'generated',
          include: ['test/generated/**/*.test.ts'],
          exclude,
          testTimeout: 900_000,
          hookTimeout: 900_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
