import { stringify } from 'yaml';
import type { Access } from './api.ts';

interface Extra {
  context?: string;
  namespace?: string;
  /** Instead of the server that the access names: a proxy before it. */
  server?: string;
}

/** A kubeconfig of one context, as text. */
export const adminKubeconfig = (access: Access, { context = 'test', namespace, server }: Extra = {}): string =>
  stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name: context,
        cluster: {
          server: server ?? access.server,
          'certificate-authority-data': Buffer.from(access.ca).toString('base64'),
        },
      },
    ],
    users: [{ name: context, user: { token: access.token } }],
    contexts: [{ name: context, context: { cluster: context, user: context, ...(namespace && { namespace }) } }],
    'current-context': context,
  });
