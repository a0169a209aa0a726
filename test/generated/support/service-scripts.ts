import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { runScript } from './running-service.ts';
import { run } from './service-project.ts';

interface Place {
  cwd: string;
  env: NodeJS.ProcessEnv;
}

/** Runs every script that the README of a service names, and tells of all that fail: a run that takes minutes should. */
export async function expectScriptsPass(place: Place, scripts = ['lint', 'build', 'test']): Promise<void> {
  const failures: string[] = [];
  const attempt = (done: Promise<unknown>) => done.catch((error: Error) => failures.push(error.message));
  for (const script of scripts) await attempt(run(`npm run ${script}`, place));
  // Where it needs servers, `npm run dev` brings them; `npm start` is told of them.
  if (!existsSync(join(place.cwd, 'scripts/local'))) await attempt(serve(place));
  await attempt(develop(place));
  expect(failures.join('\n\n')).toBe('');
}

/** What was built serves, and ends with Ctrl-C. */
const serve = async (place: Place): Promise<void> => (await runScript('start', place)).interrupt();

/** `npm run dev` serves, answers what its README sends, takes up a change, and ends with Ctrl-C. */
async function develop(place: Place): Promise<void> {
  const dev = await runScript('dev', place);
  await dev.answersReadme();
  const route =
    "export default async (app) => void app.get('/again', { config: { public: true } }, async () => 'here');\n";
  await writeFile(join(place.cwd, 'src/routes/again.ts'), route);
  await dev.answers('/again');
  await dev.interrupt();
}
