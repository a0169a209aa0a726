import { expect, test } from 'vitest';
import { choosePackageManager } from '../../../src/generate/inputs/package-manager.ts';
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
