import { describe, inject, test } from 'vitest';
import { install } from './support/install.ts';
import { linkDeclared } from './support/link-declared.ts';
import { makeService, presetServices } from './support/make-service.ts';
import { serviceEnvironment } from './support/service-environment.ts';
import { run, temporaryFolder } from './support/service-project.ts';
import { expectScriptsPass } from './support/service-scripts.ts';

const { path, everything } = inject('generated');

describe('a service made with a preset passes its own lint, build and tests', () => {
  test.each(presetServices)('$preset', async (wanted) => {
    const folder = await temporaryFolder();
    const env = serviceEnvironment(path);
    process.stderr.write(`${wanted.name}\n`);
    const cwd = await makeService(wanted, folder, (line, at) => run(line, { cwd: at, env }));
    await run('msvc update --check', { cwd, env });
    // The one that comes unasked is installed as a person would.
    if (wanted.preset === 'rest') await install(cwd, env);
    else await linkDeclared(cwd, everything);
    await expectScriptsPass({ cwd, env });
  });
});
