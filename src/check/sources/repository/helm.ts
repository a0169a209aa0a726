import { basename, dirname } from 'node:path';
import type { Environment } from './find-environments.ts';
import { missing, pasted, type Rendered, type Renderer, renderFailed } from './rendered.ts';
import { findOnPath, runTool } from './run-tool.ts';

/**
 * What a chart renders to, by the user's own helm. Dependencies that are not in the chart's own folder are an error of
 * helm: it fetches none for this.
 *
 * @throws UserError RENDERER_MISSING, RENDER_FAILED
 */
export const helm: Renderer = async (environment, { seconds, values, namespace }, ports): Promise<Rendered> => {
  const release = releaseOf(environment);
  const shown = ['helm', 'template', release, environment.name, ...values.flatMap((file) => ['-f', file])]
    .map(pasted)
    .join(' ');
  const program = findOnPath('helm', ports);
  if (!program) throw missing(environment, 'helm is not', shown);
  const args = [
    'template',
    release,
    environment.folder,
    '--namespace',
    namespace,
    '--skip-tests',
    ...values.flatMap((file) => ['--values', file]),
  ];
  const ran = await runTool(program, args, { cwd: environment.folder, seconds }, ports);
  if ('stdout' in ran) return { text: ran.stdout, by: shown };
  throw renderFailed(environment, shown, ran);
};

/** The name of its folder, or of the one above, as far as a release may be called so: never an option of helm. */
const releaseOf = ({ folder }: Environment): string =>
  [folder, dirname(folder)].map(releaseName).find((name) => name !== '') ?? 'release';

const releaseName = (folder: string): string =>
  basename(folder)
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, '-')
    .replace(/^-+/, '')
    .slice(0, 53)
    .replace(/-+$/, '');
