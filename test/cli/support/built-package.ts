import { beforeAll } from 'vitest';
import { type BuiltPackage, buildPackage } from './build-package.ts';

/** Builds the package once for the calling test file. The values are there once tests run. */
export function useBuiltPackage(): BuiltPackage {
  const built: BuiltPackage = { packageDir: '', path: '' };
  beforeAll(async () => {
    const { remove, ...values } = await buildPackage();
    Object.assign(built, values);
    return remove;
  });
  return built;
}
