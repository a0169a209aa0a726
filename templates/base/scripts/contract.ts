import { type Contract, compareOpenApi } from './contracts/compare-openapi.ts';
import { otherKinds } from './contracts/other-kinds.ts';
import { breakingOf, tellChanges } from './contracts/tell-changes.ts';
import { readJson, writeJson } from './contracts/write-json.ts';
import { withLocalPrograms } from './local-programs.ts';
import { breakingAdvice, describeRoutes } from './openapi.ts';

/**
 * `npm run contract`: writes contracts/openapi.json from the routes, as the next minor version, and what there is for
 * contracts of other kinds. A change that breaks callers is refused, unless its own major version is given:
 * `npm run contract -- 2.0.0`.
 */
const file = 'contracts/openapi.json';
const wanted = process.argv[2];
if (wanted !== undefined && !/^\d+\.\d+\.\d+$/.test(wanted)) {
  console.error(`"${wanted}" is no version such as 1.2.0`);
  process.exit(1);
}

process.exitCode = await withLocalPrograms('test', async (env) => {
  for (const kind of await otherKinds()) {
    const code = await kind({ mayBreak: wanted !== undefined });
    if (code !== 0) return code;
  }
  return writeOpenApi(env);
});

async function writeOpenApi(env: NodeJS.ProcessEnv): Promise<number> {
  const before = (await readJson(file)) as Contract | undefined;
  if (!before) {
    console.error(`There is no ${file}: it is part of the repository, \`git checkout -- ${file}\` brings it back.`);
    return 1;
  }
  const { version } = before.info;
  const routes = await describeRoutes(env, before.info);
  const changes = compareOpenApi(before, routes);
  if (changes.length === 0 && (wanted ?? version) === version) {
    console.log(`${file} is up to date (${version})`);
    return 0;
  }
  console.log(tellChanges(changes));
  const next = wanted ?? raise(version, 1);
  const isBreaking = breakingOf(changes).length > 0;
  if (changes.length > 0 && isBefore(next, raise(version, isBreaking ? 0 : 1))) {
    console.error(isBreaking ? breakingAdvice(raise(version, 0)) : `The next version is higher than ${version}.`);
    return 1;
  }
  await writeJson(file, { ...routes, info: { ...routes.info, version: next } });
  console.log(`${file} is now ${next}`);
  return 0;
}

function parse(version: string): number[] {
  return version.split('.').map((part) => Number.parseInt(part, 10) || 0);
}

/** @param place 0 for the next major version, 1 for the next minor one */
function raise(version: string, place: 0 | 1): string {
  const [major = 0, minor = 0] = parse(version);
  return place === 0 ? `${major + 1}.0.0` : `${major}.${minor + 1}.0`;
}

function isBefore(a: string, b: string): boolean {
  const [left, right] = [parse(a), parse(b)];
  const difference = [0, 1, 2].map((i) => (left[i] ?? 0) - (right[i] ?? 0)).find((one) => one !== 0);
  return (difference ?? 0) < 0;
}
