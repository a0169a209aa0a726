import { expect, test } from 'vitest';
import { calledAs, commandsAs } from '../../src/cli/command-line/called-as.ts';

const shop = '/home/a/shop';
const npm = { npm_lifecycle_event: 'msvc', npm_config_user_agent: 'npm/11.0.0 node/v20.20.2 linux x64' };

test.each([
  ['on the PATH', {}, '/usr/local/bin/msvc', shop, 'msvc'],
  ['installed for all of Windows', {}, 'C:\\npm\\node_modules\\create-microservice\\bin\\msvc.js', 'C:\\shop', 'msvc'],
  ['by the script of npm', npm, `${shop}/node_modules/.bin/msvc`, shop, 'npm run msvc --'],
  [
    'by the script of pnpm',
    { npm_lifecycle_event: 'msvc', npm_config_user_agent: 'pnpm/10.1.0 npm/? node/v20.20.2' },
    `${shop}/node_modules/.pnpm/create-microservice@1.0.0/node_modules/create-microservice/bin/msvc.js`,
    shop,
    'pnpm msvc',
  ],
  ['by npx', { npm_lifecycle_event: 'npx' }, `${shop}/node_modules/.bin/msvc`, shop, 'npx msvc'],
  ['by its path', {}, `${shop}/node_modules/.bin/msvc`, shop, 'node_modules/.bin/msvc'],
  [
    'by the path of a workspace',
    {},
    `${shop}/node_modules/.bin/msvc`,
    `${shop}/services/orders`,
    '../../node_modules/.bin/msvc',
  ],
  [
    'by the path of a link that pnpm made',
    {},
    `${shop}/node_modules/create-microservice/bin/msvc.js`,
    `${shop}/src`,
    '../node_modules/.bin/msvc',
  ],
])('called %s it is called so again', (_, env, program, cwd, called) => {
  expect(calledAs({ env, program, cwd })).toBe(called);
});

test('only commands of ours are named anew', () => {
  const typed = commandsAs('npm run msvc --', ['add-client', 'check', 'check-cluster']);
  expect(typed('msvc add-client a, or: msvc check-cluster')).toBe(
    'npm run msvc -- add-client a, or: npm run msvc -- check-cluster',
  );
  for (const text of ['what msvc generates', 'registry/msvc:1 check', 'kubectl-msvc check', 'msvc checks'])
    expect(typed(text)).toBe(text);
});
