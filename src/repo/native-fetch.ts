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
      // Looked up when called: Node loads its fetch, some 20 ms of it, when somebody first looks at one of these names.
      contents: `export default (...given) => globalThis.fetch(...given);
${['Headers', 'Request', 'Response'].map((name) => `export function ${name}(...given) { return new globalThis.${name}(...given); }`).join('\n')}`,
      loader: 'js',
    }));
  },
};
