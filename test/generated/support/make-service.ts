import { join } from 'node:path';
import { type Bin, runCommandLine } from '../../../src/cli/main.ts';
import { presets } from '../../../src/cli/templates/manifests.ts';
import { offeredFeatures } from '../../../src/cli/templates/offered-features.ts';
import { testPorts } from '../../cli/support/test-ports.ts';
import { commandsFor } from './instances.ts';

/** A service as somebody makes it: with a preset, and by commands afterwards. */
export interface WantedService {
  name: string;
  preset: string;
  commands: readonly string[];
}

export const presetServices: readonly WantedService[] = presets.map(({ id }) => ({
  name: `${id}-service`,
  preset: id,
  commands: [],
}));

/** Every feature, with instances of each kind. */
export const everything: WantedService = {
  name: 'everything-service',
  preset: 'rest',
  // What we make is read by what we make.
  commands: [...offeredFeatures.flatMap(commandsFor), 'msvc add-client twin --openapi contracts/openapi.json'],
};

/** Runs one of our command lines from source in this process, which is ten times as quick as a process of its own. */
export async function inProcess(line: string, cwd: string): Promise<void> {
  const [bin, ...argv] = line.split(' ');
  const ports = testPorts({ cwd });
  const exitCode = await runCommandLine(bin as Bin, argv, ports);
  if (exitCode !== 0) throw new Error(`${line} ended with ${exitCode}:\n${ports.stderr.text}`);
}

/** Makes it below `folder`, by `run` or else in this process, without an install. Its own folder comes back. */
export async function makeService(
  { name, preset, commands }: WantedService,
  folder: string,
  run: (line: string, cwd: string) => Promise<unknown> = inProcess,
): Promise<string> {
  await run(`create-microservice ${name} --template ${preset} --no-install --no-git`, folder);
  const cwd = join(folder, name);
  for (const command of commands) await run(`${command} --no-install --yes`, cwd);
  return cwd;
}
