import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { buildPackage } from '../cli/support/build-package.ts';
import { install } from './support/install.ts';
import { everything, makeService } from './support/make-service.ts';
import { runCommand } from './support/run-command.ts';
import { serviceEnvironment } from './support/service-environment.ts';

declare module 'vitest' {
  interface ProvidedContext {
    generated: {
      /** Where the built `msvc` and `create-microservice` are found, and other programs. */
      path: string;
      /** The folder of a service with everything, as a person would make it, installed afresh. */
      everything: string;
    };
  }
}

/** One install for all test files of the project: services with less link the packages that they declare from it. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const built = await buildPackage();
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'msvc-everything-')));
  const remove = async (): Promise<void> => {
    await rm(folder, { recursive: true, force: true });
    await built.remove();
  };
  try {
    const env = serviceEnvironment(built.path);
    const run = (line: string, cwd: string) => runCommand(line, { cwd, env }).done;
    process.stderr.write(`${everything.name}\n`);
    const made = await makeService(everything, folder, run);
    await install(made, env);
    project.provide('generated', { path: built.path, everything: made });
  } catch (error) {
    await remove();
    throw error;
  }
  return remove;
}
