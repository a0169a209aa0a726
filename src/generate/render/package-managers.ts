import type { PackageManager } from '../record.ts';
import type { View } from './template-set.ts';

/** The words of each package manager; `version` is the newest that runs on every Node we support. */
export const packageManagers: Readonly<Record<PackageManager, View['packageManager']>> = {
  npm: {
    name: 'npm',
    version: '10.9.9',
    lockfile: 'package-lock.json',
    install: 'npm install',
    ci: 'npm ci',
    run: 'npm run',
    exec: 'npx',
    isNpm: true,
    isPnpm: false,
  },
  pnpm: {
    name: 'pnpm',
    version: '10.34.9',
    lockfile: 'pnpm-lock.yaml',
    install: 'pnpm install',
    ci: 'pnpm install --frozen-lockfile',
    run: 'pnpm run',
    exec: 'pnpm exec',
    isNpm: false,
    isPnpm: true,
  },
};
