import { expect, test } from 'vitest';
import { choosePackageManager, packageManagerInUse } from '../../../src/generate/inputs/package-manager.ts';
import { userError } from '../support/user-error.ts';

test.each([
  [{}, 'npm'],
  [{ flag: 'pnpm', field: 'npm@10.0.0' }, 'pnpm'],
  [{ field: 'pnpm@10.34.9+sha512.abc', lockfile: 'package-lock.json' }, 'pnpm'],
  [{ lockfile: 'pnpm-lock.yaml', userAgent: 'npm/11.0.0 node/v20' }, 'pnpm'],
  [{ userAgent: 'pnpm/10.34.9 npm/? node/v20.20.2 linux x64' }, 'pnpm'],
  [{ userAgent: 'npm/11.0.0 node/v20' }, 'npm'],
])('%j gives %s without a word', (signs, packageManager) => {
  expect(choosePackageManager(signs)).toEqual({ packageManager });
});

test.each([{ field: 'yarn@4.0.0' }, { lockfile: 'yarn.lock' }, { lockfile: 'bun.lockb' }, { userAgent: 'bun/1.2.0' }])(
  '%j gives npm and one line that says so',
  (signs) => {
    const { packageManager, note } = choosePackageManager(signs);
    expect(packageManager).toBe('npm');
    expect(note).toMatch(/^Found (?:yarn|bun) here.*npm/);
  },
);

test.each(['yarn', 'bun', '', 'npm@11'])('only the flag is refused: %j', async (flag) => {
  expect((await userError(() => choosePackageManager({ flag }))).code).toBe('PACKAGE_MANAGER_UNKNOWN');
});

test.each([
  ['npm', { field: undefined, lockfiles: [] }, 'npm'],
  ['npm', { field: undefined, lockfiles: ['package-lock.json'] }, 'npm'],
  ['npm', { field: undefined, lockfiles: ['pnpm-lock.yaml'] }, 'pnpm'],
  ['npm', { field: 'pnpm@10.34.9', lockfiles: [] }, 'pnpm'],
  // The field that we write stays where somebody moved away by hand.
  ['pnpm', { field: 'pnpm@10.34.9', lockfiles: ['package-lock.json'] }, 'npm'],
  // Which of two counts is what the field says.
  ['npm', { field: 'pnpm@10.34.9', lockfiles: ['package-lock.json', 'pnpm-lock.yaml'] }, 'pnpm'],
  ['npm', { field: undefined, lockfiles: ['package-lock.json', 'pnpm-lock.yaml'] }, 'npm'],
  ['npm', { field: undefined, lockfiles: ['package-lock.json', 'npm-shrinkwrap.json'] }, 'npm'],
] as const)('a service of %s with %j uses %s', (recorded, found, used) => {
  const { packageManager, note } = packageManagerInUse(recorded, found);
  expect(packageManager).toBe(used);
  if (used === recorded) expect(note).toBeUndefined();
  else expect(note).toContain(`msvc set package-manager ${used}`);
});

test('a lock file of another one is told, and the recorded one stays', () => {
  const { packageManager, note } = packageManagerInUse('pnpm', { field: undefined, lockfiles: ['yarn.lock'] });
  expect(packageManager).toBe('pnpm');
  expect(note).toMatch(/found yarn here.*pnpm is used/);
});
