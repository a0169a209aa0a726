import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { presets } from '../../src/cli/templates/manifests.ts';
import { offeredFeatures } from '../../src/cli/templates/offered-features.ts';
import { useBuiltPackage } from '../cli/support/built-package.ts';
import { commandsFor } from './instances.ts';
import { runScript } from './running-service.ts';
import { run, serviceEnvironment, temporaryFolder } from './service-project.ts';

const built = useBuiltPackage();

const services = [
  ...presets.map(({ id }) => ({ name: id, preset: id, commands: [] as readonly string[] })),
  { name: 'everything', preset: 'rest', commands: offeredFeatures.flatMap(commandsFor) },
];

/** `npm run dev` serves, takes up a change, and ends with Ctrl-C. */
async function develop(cwd: string, env: NodeJS.ProcessEnv): Promise<void> {
  const dev = await runScript('dev', { cwd, env });
  const route =
    "export default async (app) => void app.get('/again', { config: { public: true } }, async () => 'here');\n";
  await writeFile(join(cwd, 'src/routes/again.ts'), route);
  await dev.answers('/again');
  await dev.interrupt();
}

/** What was built serves, and ends with Ctrl-C. */
const serve = async (cwd: string, env: NodeJS.ProcessEnv): Promise<void> =>
  (await runScript('start', { cwd, env })).interrupt();

// As a person would: made, installed afresh, and every script run that its README names.
describe('a service passes its own lint, build and tests', () => {
  test.each(services)('$name', async ({ name, preset, commands }) => {
    const folder = await temporaryFolder();
    const env = serviceEnvironment(built.path);
    const cwd = join(folder, 'order-service');
    process.stderr.write(`${name}\n`);
    await run(`create-microservice order-service --template ${preset} --no-install --no-git`, { cwd: folder, env });
    for (const command of commands) await run(`${command} --no-install --yes`, { cwd, env });
    await run('msvc update --check', { cwd, env });
    await run('npm install --no-audit --no-fund', { cwd, env });
    // The fault tests of a preset are among those of everything, and take minutes.
    const scripts = ['lint', 'build', 'test', ...(name === 'everything' ? ['test:faults'] : [])];
    // All of them, whatever the first one says: a run that takes minutes should tell everything.
    const failures: string[] = [];
    const attempt = (done: Promise<unknown>) => done.catch((error: Error) => failures.push(error.message));
    for (const script of scripts) await attempt(run(`npm run ${script}`, { cwd, env }));
    // Where it needs servers, `npm run dev` brings them; `npm start` is told of them.
    if (!existsSync(join(cwd, 'scripts/local'))) await attempt(serve(cwd, env));
    await attempt(develop(cwd, env));
    expect(failures.join('\n\n')).toBe('');
  });
});
