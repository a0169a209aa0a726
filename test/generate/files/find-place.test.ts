import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { findPlace } from '../../../src/generate/files/find-place.ts';
import { scratchFolder } from '../support/scratch.ts';

const npm = (...globs: string[]): string => JSON.stringify({ workspaces: globs });
const pnpm = (...globs: string[]): string => `packages:\n${globs.map((glob) => `  - '${glob}'\n`).join('')}`;
const shared = { folder: 'services/orders' };
const member = { ...shared, workspace: '.' };

test.each<[what: string, files: Record<string, string>, place: unknown]>([
  ['no repository and no workspace', {}, undefined],
  ['a repository of its own', { 'services/orders/.git/HEAD': '' }, {}],
  // Of a submodule and of a work tree, .git is a file.
  ['a submodule', { '.git/HEAD': '', 'services/orders/.git': 'gitdir: x' }, {}],
  ['a folder of a repository', { '.git/HEAD': '' }, { repository: shared }],
  ['an npm workspace', { '.git/HEAD': '', 'package.json': npm('services/*') }, { repository: member, manager: 'npm' }],
  [
    'an npm workspace as yarn wrote it once',
    { '.git/HEAD': '', 'package.json': '{ "workspaces": { "packages": ["services/*"] } }' },
    { repository: member, manager: 'npm' },
  ],
  [
    'a pnpm workspace',
    { '.git/HEAD': '', 'package.json': '{}', 'pnpm-workspace.yaml': pnpm('services/*') },
    { repository: member, manager: 'pnpm' },
  ],
  ['a workspace without a repository', { 'package.json': npm('services/*') }, { repository: member, manager: 'npm' }],
  [
    'a workspace in a folder of the repository',
    { '.git/HEAD': '', 'services/package.json': npm('*') },
    { repository: { ...shared, workspace: 'services' }, manager: 'npm' },
  ],
  [
    'a workspace that does not list it',
    { '.git/HEAD': '', 'package.json': npm('packages/*') },
    { repository: shared, strangerTo: 'package.json' },
  ],
  [
    'one workspace in another that lists it',
    { '.git/HEAD': '', 'package.json': npm('services/*'), 'services/package.json': npm('others/*') },
    { repository: member, manager: 'npm' },
  ],
  [
    'both lists, and the lock file of npm',
    {
      '.git/HEAD': '',
      'package.json': npm('services/*'),
      'pnpm-workspace.yaml': pnpm('services/*'),
      'package-lock.json': '{}',
    },
    { repository: member, manager: 'npm' },
  ],
  [
    'both lists, and the lock file of pnpm',
    {
      '.git/HEAD': '',
      'package.json': npm('services/*'),
      'pnpm-workspace.yaml': pnpm('services/*'),
      'pnpm-lock.yaml': '',
    },
    { repository: member, manager: 'pnpm' },
  ],
  [
    'files that are broken',
    { '.git/HEAD': '', 'package.json': '{', 'pnpm-workspace.yaml': 'packages: [' },
    { repository: shared },
  ],
])('%s', async (_, files, place) => {
  const folder = await scratchFolder();
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
  // The service need not be there yet.
  expect(await findPlace(join(folder, 'services/orders'))).toEqual(place);
});

test('a path that no pipeline could hold is not told', async () => {
  const folder = await scratchFolder();
  await mkdir(join(folder, '.git'));
  expect(await findPlace(join(folder, 'my services/orders'))).toEqual({});
});
