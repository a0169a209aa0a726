import type { Plugin } from 'esbuild';

/**
 * Of the Kubernetes client we take how it reads a kubeconfig. That module also makes typed clients of every API, which we
 * never ask for: 400 KB to parse at every start. The proxy for SOCKS it loads whether or not a kubeconfig names one.
 */
export const clientWithoutApis: Plugin = {
  name: 'client-without-apis',
  setup(build) {
    const ofClient = /[\\/]client-node[\\/]dist[\\/]config\.js$/;
    build.onResolve({ filter: /^\.\/gen\/index\.js$/ }, ({ path, importer }) =>
      ofClient.test(importer) ? { path, namespace: 'typed-apis' } : undefined,
    );
    build.onLoad({ filter: /.*/, namespace: 'typed-apis' }, () => ({
      contents: `export const createConfiguration = () => { throw new Error('typed clients are not in this bundle'); };
export const ServerConfiguration = createConfiguration;`,
      loader: 'js',
    }));
    build.onResolve({ filter: /^socks-proxy-agent$/ }, ({ path, importer, resolveDir }) =>
      ofClient.test(importer) ? { path, namespace: 'when-asked-for', pluginData: resolveDir } : undefined,
    );
    build.onLoad({ filter: /.*/, namespace: 'when-asked-for' }, ({ pluginData }: { pluginData: string }) => ({
      contents: `export function SocksProxyAgent(...given) { return new (require('socks-proxy-agent').SocksProxyAgent)(...given); }`,
      loader: 'js',
      resolveDir: pluginData,
    }));
  },
};
