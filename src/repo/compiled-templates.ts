import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Plugin } from 'esbuild';
import { precompileTemplates, readTemplates } from '../generate/files/read-templates.ts';

const namespace = 'compiled-templates';

/**
 * Puts precompiled templates where the source reads `templates/` from disk. Manifests and presets are small and every
 * `--help` needs them, so they are in the entry; the templates are in the chunk of the commands that generate, and in
 * `templates.json` beside it.
 */
export const compiledTemplates = (templatesDir: string, published: boolean): Plugin => ({
  name: namespace,
  setup(build) {
    build.onLoad({ filter: /src[\\/]cli[\\/]templates[\\/]manifests\.ts$/ }, async ({ path }) => {
      const { features, presets } = await readTemplates(templatesDir);
      return {
        contents: [
          `export const manifests = ${JSON.stringify(features.map(({ manifest }) => manifest))};`,
          `export const presets = ${JSON.stringify(presets)};`,
        ].join('\n'),
        loader: 'js',
        resolveDir: dirname(path),
      };
    });
    build.onLoad({ filter: /src[\\/]cli[\\/]templates[\\/]templates\.ts$/ }, ({ path }) => ({
      contents: `export { default as templates } from '${namespace}';`,
      loader: 'js',
      resolveDir: dirname(path),
    }));
    build.onResolve({ filter: new RegExp(`^${namespace}$`) }, () => ({ path: 'templates', namespace }));
    build.onLoad({ filter: /.*/, namespace }, async () => {
      const { module, packed } = await precompileTemplates(templatesDir, { published });
      const { outdir = '.' } = build.initialOptions;
      await mkdir(outdir, { recursive: true });
      await writeFile(join(outdir, 'templates.json'), packed);
      return { contents: module, loader: 'js', resolveDir: templatesDir };
    });
  },
});
