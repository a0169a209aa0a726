import type { Plugin } from 'esbuild';

/**
 * The Kubernetes client imports node-fetch for a class that Node has itself. With it came tables of international names,
 * and Node's own punycode, of which Node 22 and newer warn the person who runs us.
 */
export const nativeFetch: Plugin = {
  name: 'native-fetch',
  setup(build) {
    build.onResolve({ filter: /^node-fetch$/ }, () => ({ path: 'node-fetch', namespace: 'native' }));
    build.onLoad({ filter: /.*/, namespace: 'native' }, () => ({
      contents: 'export default globalThis.fetch; export const { Headers, Request, Response } = globalThis;',
      loader: 'js',
    }));
  },
};
