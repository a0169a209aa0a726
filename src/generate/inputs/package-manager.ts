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

export const supported = ['npm', 'pnpm'] as const satisfies readonly PackageManager[];

export const isSupported = (name: string): name is PackageManager => supported.some((known) => known === name);

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

/** What a service's own folder says of its package manager. */
export interface PackageManagerInUse {
  /** `packageManager` of its package.json: `pnpm@10.34.9` */
  field: string | undefined;
  /** Names of the lock files that are there. */
  lockfiles: readonly string[];
}

/**
 * The package manager that people use for a service today: that of its only lock file, else of the field. Where that is
 * not the recorded one, `note` says how to make the rest follow.
 */
export function packageManagerInUse(
  recorded: PackageManager,
  { field, lockfiles: present }: PackageManagerInUse,
): { packageManager: PackageManager; note?: string } {
  const locked = [...new Set(present.map((name) => lockfiles[name]))];
  const found = (locked.length === 1 ? locked[0] : undefined) ?? field?.split('@')[0] ?? recorded;
  if (found === recorded) return { packageManager: recorded };
  if (isSupported(found))
    return {
      packageManager: found,
      note: `this service uses ${found} now, and its image and pipeline still ${recorded}; to bring them along: msvc set package-manager ${found}`,
    };
  return {
    packageManager: recorded,
    note: `found ${harmlessLine(found)} here; services are tested with ${supported.join(' and ')}, so ${recorded} is used`,
  };
}
