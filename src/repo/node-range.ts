import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { nodeProgram } from './node-program.ts';

/**
 * `npm run node-range`, or with majors behind two dashes: the fast tests and a generated service with everything, on
 * another Node than the one that is installed. Exits with 1 where one of them fails.
 */
const majors = process.argv.length > 2 ? process.argv.slice(2) : ['24'];
const cwd = fileURLToPath(new URL('../../', import.meta.url));
const runs = [
  ['--project', 'fast'],
  ['--project', 'generated', 'test/generated/everything.test.ts'],
];

for (const major of majors) {
  const { node, version, env } = nodeProgram(major);
  for (const args of runs) {
    console.log(`Node ${version}: vitest run ${args.join(' ')}`);
    const { status } = spawnSync(node, ['node_modules/vitest/vitest.mjs', 'run', ...args], {
      cwd,
      env,
      stdio: 'inherit',
    });
    if (status !== 0) process.exitCode = 1;
  }
}
