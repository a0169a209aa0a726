import { readFile, writeFile } from 'node:fs/promises';
import { withLocalPrograms } from './local-programs.ts';
import { type Contract, canonical, changedOperations, describeRoutes } from './openapi.ts';

/**
 * `npm run contract -- 1.1.0`: writes contracts/openapi.json from the routes. A changed contract needs a higher version,
 * because callers are built on the one they have read; what breaks them needs new routes under /v2.
 */
const file = 'contracts/openapi.json';
const version = process.argv[2];

process.exitCode = await withLocalPrograms('test', async (env) => {
  const before = JSON.parse(await readFile(file, 'utf8')) as Contract;
  const after = await describeRoutes(env, { ...before.info, version: version ?? before.info.version });
  if (canonical(before) === canonical(after)) {
    console.log(`${file} is up to date (${before.info.version})`);
    return 0;
  }
  const changed = changedOperations(before, after);
  if (changed.length > 0 && !isHigher(after.info.version, before.info.version)) {
    console.error(`${changed.join(', ')} changed. Give the next version, higher than ${before.info.version}:`);
    console.error('  npm run contract -- <version>');
    return 1;
  }
  await writeFile(file, `${JSON.stringify(after, null, 2)}\n`);
  console.log(`${file} is now ${after.info.version}`);
  return 0;
});

function isHigher(a: string, b: string): boolean {
  const [left, right] = [a, b].map((text) => text.split('.').map(Number));
  const difference = [0, 1, 2].map((i) => (left?.[i] ?? 0) - (right?.[i] ?? 0)).find((part) => part !== 0);
  return (difference ?? 0) > 0;
}
