import { inject, test } from 'vitest';
import { serviceEnvironment } from './support/service-environment.ts';
import { run } from './support/service-project.ts';
import { expectScriptsPass } from './support/service-scripts.ts';

const { path, everything } = inject('generated');

// As a person would: made and installed afresh (by the set-up), and every script run that its README names.
test('a service with everything passes its own lint, build and tests, with killed processes too', async () => {
  const place = { cwd: everything, env: serviceEnvironment(path) };
  await run('msvc update --check', place);
  // What is broken on purpose in a preset is among what is broken here.
  await expectScriptsPass(place, ['lint', 'build', 'test', 'test:faults']);
});
