import { dirname } from 'node:path';
import type { Plugin } from 'esbuild';
import { precompileTemplates, readTemplates } from '../generate/files/read-templates.ts';

const namespace = 'compiled-templates';

/**
 * Puts precompiled templates where the source reads `templates/` from disk. Manifests and presets are small and every
 * `--help` needs them, so they are in the entry; the templates are a chunk of their own.
 */
export const compiledTemplates = (templatesDir: string): Plugin => ({
  name: namespace,
  setup(build) {
    build.onLoad({ filter: /src[\\/]cli[\\/]templates\.ts$/ }, async ({ path }) => {
      const { features, presets } = await readTemplates(templatesDir);
      return {
        contents: [
          `export const manifests = ${JSON.stringify(features.map(({ manifest }) => manifest))};`,
          `export const presets = ${JSON.stringify(presets)};`,
          `export const loadTemplates = async () => (await import('${namespace}')).default;`,
        ].join('\n'),
        loader: 'js',
        resolveDir: dirname(path),
      };
    });
    build.onResolve({ filter: new RegExp(`^${namespace}$`) }, () => ({ path: 'templates', namespace }));
    build.onLoad({ filter: /.*/, namespace }, async () => ({
      contents: await precompileTemplates(templatesDir),
      loader: 'js',
      resolveDir: templatesDir,
    }));
  },
});
