import { UserError } from '../../errors.ts';
import { harmlessLine } from '../../harmless.ts';
import type { PackageManager } from '../record.ts';

/** Where a package manager can show itself, strongest first. */
export interface PackageManagerSigns {
  /** `--package-manager` */
  flag?: string | undefined;
  /** `packageManager` of the nearest package.json: `pnpm@10.34.9` */
  field?: string | undefined;
  /** File name of the nearest lockfile. */
  lockfile?: string | undefined;
  /** `npm_config_user_agent`: `pnpm/10.34.9 npm/? node/v20.20.2 linux x64` */
  userAgent?: string | undefined;
}

export const lockfiles: Readonly<Record<string, string>> = {
  'package-lock.json': 'npm',
  'npm-shrinkwrap.json': 'npm',
  'pnpm-lock.yaml': 'pnpm',
  'yarn.lock': 'yarn',
  'bun.lock': 'bun',
  'bun.lockb': 'bun',
};

const isSupported = (name: string): name is PackageManager => name === 'npm' || name === 'pnpm';

/**
 * The package manager of a new service, with one line to show where it is not the one that was found.
 *
 * @throws UserError PACKAGE_MANAGER_UNKNOWN only for a flag: what surrounds a person is no wish
 */
export function choosePackageManager(signs: PackageManagerSigns): { packageManager: PackageManager; note?: string } {
  if (signs.flag !== undefined) {
    if (isSupported(signs.flag)) return { packageManager: signs.flag };
    throw new UserError({
      code: 'PACKAGE_MANAGER_UNKNOWN',
      what: `--package-manager cannot be "${harmlessLine(signs.flag)}"`,
      why: 'Generated services are tested with npm and pnpm, and with no other.',
      fix: 'Use --package-manager npm or --package-manager pnpm',
    });
  }
  const found = [
    signs.field?.split('@')[0],
    signs.lockfile === undefined ? undefined : lockfiles[signs.lockfile],
    signs.userAgent?.split('/')[0],
  ].find((name) => name !== undefined && name !== '');
  if (found === undefined) return { packageManager: 'npm' };
  if (isSupported(found)) return { packageManager: found };
  return {
    packageManager: 'npm',
    note: `Found ${harmlessLine(found)} here; services are tested with npm and pnpm, so this one uses npm.`,
  };
}
