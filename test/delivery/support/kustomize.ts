import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';
import type { Json } from '../../cluster/api.ts';
import { parseObjects } from '../../cluster/apply.ts';

/** False, or why this machine cannot build an overlay as a person would. */
export const withoutKubectl: string | false =
  spawnSync('kubectl', ['kustomize', '--help']).status === 0 ? false : 'there is no kubectl on PATH';

/** The objects of a kustomize folder. */
export const build = (folder: string): Json[] =>
  parseObjects(execFileSync('kubectl', ['kustomize', folder], { encoding: 'utf8' }));

const run = promisify(execFile);

/** kubectl against the test cluster; throws what it said where it fails or does not come to an end. */
export const kubectl = async (kubeconfig: string, args: readonly string[]): Promise<string> =>
  (await run('kubectl', [`--kubeconfig=${kubeconfig}`, ...args], { timeout: 90_000 })).stdout;

export const one = (objects: readonly Json[], kind: string, name?: string): Json => {
  const found = objects.filter((object) => object.kind === kind && (!name || object.metadata.name === name));
  if (found.length !== 1) throw new Error(`${found.length} objects are a ${kind} ${name ?? ''}`);
  return found[0];
};
