import type { Plugin } from 'esbuild';

/**
 * Commander imports node:child_process for subcommands that are programs of their own. We have none, and loading it
 * costs every start some 4 ms.
 */
export const commanderWithoutChildProcess: Plugin = {
  name: 'commander-without-child-process',
  setup(build) {
    build.onResolve({ filter: /^node:child_process$/ }, ({ importer }) =>
      /[\\/]commander[\\/]/.test(importer) ? { path: 'child_process', namespace: 'absent' } : undefined,
    );
    build.onLoad({ filter: /.*/, namespace: 'absent' }, () => ({ contents: 'module.exports = {};', loader: 'js' }));
  },
};
