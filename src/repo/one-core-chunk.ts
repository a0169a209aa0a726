import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Plugin } from 'esbuild';

/**
 * Keeps what the entry imports in one chunk. The bundler makes a chunk of every set of modules that the same entries
 * reach, and a dynamic import is an entry: a dozen files of a few hundred bytes, each half a millisecond of every start.
 * Where all of them reach the whole entry, there is one set.
 */
export const oneCoreChunk = (entry: string): Plugin => ({
  name: 'one-core-chunk',
  setup(build) {
    const lazy = new Set<string>();
    build.onResolve({ filter: /^\.{1,2}\/.*\.ts$/ }, ({ kind, path, resolveDir }) => {
      if (kind === 'dynamic-import') lazy.add(resolve(resolveDir, path));
      return undefined;
    });
    build.onLoad({ filter: /\.ts$/, namespace: 'file' }, async ({ path }) =>
      lazy.has(path)
        ? { contents: `${await readFile(path, 'utf8')}\nimport ${JSON.stringify(entry)};\n`, loader: 'ts' }
        : undefined,
    );
  },
});
