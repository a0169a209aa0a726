import type { Ports } from '../../../ports.ts';
import { createClient } from './client.ts';
import { connect } from './kubeconfig.ts';

/**
 * Names of the cluster's namespaces; only the context's own where they may not be listed.
 *
 * @throws UserError of the kubeconfig or its credentials
 */
export async function namespaceNames(
  options: { kubeconfig?: string | undefined; context?: string | undefined },
  ports: Pick<Ports, 'env' | 'cwd'>,
  signal: AbortSignal,
): Promise<string[]> {
  const connection = await connect(options, ports);
  // One question and no second attempt: whoever asks is waiting with a finger on a key.
  const client = createClient(connection, { concurrency: 1, idle: 20_000, signal });
  try {
    const { items = [] } = (await client.get('/api/v1/namespaces?limit=500')) as {
      items?: { metadata?: { name?: string } }[];
    };
    return items.flatMap(({ metadata }) => metadata?.name ?? []);
  } catch {
    return [connection.namespace];
  } finally {
    client.close();
  }
}
