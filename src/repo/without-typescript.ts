import type { Plugin } from 'esbuild';

/**
 * The library for generators of code brings two compilers, to write JavaScript too. What is generated here is TypeScript,
 * and nine megabytes less.
 */
export const generatorsWithoutTypescript: Plugin = {
  name: 'generators-without-typescript',
  setup(build) {
    // What it requires is the same library that we import: one copy, instead of one of each kind.
    build.onResolve({ filter: /^@bufbuild\/protobuf/ }, ({ path, kind, resolveDir }) =>
      kind === 'require-call' ? build.resolve(path, { kind: 'import-statement', resolveDir }) : undefined,
    );
    build.onResolve({ filter: /^(typescript|@typescript\/vfs)$/ }, ({ path }) => ({ path, namespace: 'nothing' }));
    build.onLoad({ filter: /.*/, namespace: 'nothing' }, () => ({ contents: 'export default {};' }));
  },
};
