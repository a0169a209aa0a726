import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

// Projects that this repository generates (test runs, or a try of the README inside a clone) bring tests of their own:
// only test/ is ours.
const exclude = ['**/node_modules/**', '**/fixtures/**'];

/** The longest file goes first, also where no earlier run told which that is: the others run beside it. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isLong = ({ moduleId }: TestSpecification) => moduleId.endsWith('/generated/everything.test.ts');
    const sorted = await super.sort(files);
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}

export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    // CI counts from the runner's own result.
    ...(process.env.TEST_RESULT && { reporters: ['default', ['json', { outputFile: process.env.TEST_RESULT }]] }),
    projects: [
      {
        // Pure code and the command line: seconds. `npm run test:fast` runs only these. The limits are far longer: some
        // run dozens of processes, and on a machine that is busy with something else each takes a multiple of its time.
        test: {
          name: 'fast',
          include: ['test/**/*.test.ts'],
          exclude: [...exclude, 'test/**/*.cluster.test.ts', 'test/generated/**', 'test/system/**'],
          // Vitest's own default leaves one processor idle; two processors would become one.
          maxWorkers: availableParallelism(),
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
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
        },
      },
      {
        // What we generate, installed afresh, linted, built and tested. Two files at once: their tests wait as often as
        // they work. The limits only end what hangs.
        test: {
          name: 'generated',
          include: ['test/generated/**/*.test.ts', 'test/system/*.test.ts'],
          globalSetup: ['test/generated/global-setup.ts'],
          exclude: [...exclude, 'test/**/*.cluster.test.ts'],
          testTimeout: 3_600_000,
          hookTimeout: 3_600_000,
          maxWorkers: 2,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
