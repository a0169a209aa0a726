import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { offeredFeatures } from '../../src/cli/templates/offered-features.ts';
import type { FeatureManifest } from '../../src/generate/manifest.ts';
import { useBuiltPackage } from '../cli/support/built-package.ts';
import { commandsFor } from './instances.ts';
import { run, serviceEnvironment, temporaryFolder } from './service-project.ts';

const built = useBuiltPackage();

/** Every feature alone and every two together: what two features do to each other, and no third one hides. */
const subsets: FeatureManifest[][] = offeredFeatures.flatMap((first, index) => [
  [first],
  ...offeredFeatures.slice(index + 1).map((second) => [first, second]),
]);

describe('services with few features', () => {
  test('each passes format, lint and types', async () => {
    const folder = await temporaryFolder();
    const env = serviceEnvironment(built.path);
    const make = async (name: string, features: readonly FeatureManifest[]): Promise<string> => {
      await run(`create-microservice ${name} --template nothing --no-install --no-git`, { cwd: folder, env });
      const cwd = join(folder, name);
      for (const command of features.flatMap(commandsFor)) await run(`${command} --no-install --yes`, { cwd, env });
      return cwd;
    };
    const everything = await make('everything', offeredFeatures);
    await run('npm install --no-audit --no-fund', { cwd: everything, env });
    const failures: string[] = [];
    for (const features of subsets) {
      const name = `with-${features.map(({ id }) => id).join('-')}`;
      process.stderr.write(`${name}\n`);
      const cwd = await make(name, features);
      await symlink(join(everything, 'node_modules'), join(cwd, 'node_modules'), 'dir');
      await run('npm run lint', { cwd, env }).catch((error: Error) => failures.push(`${name}: ${error.message}`));
    }
    expect(failures.join('\n\n')).toBe('');
  });
});
