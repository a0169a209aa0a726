import type { Ports } from '../../../ports.ts';
import type { Flags } from '../../command.ts';

/** Milliseconds that a cluster is waited for while somebody types. */
const patience = 3000;

const text = (value: Flags[string]): string | undefined => (typeof value === 'string' ? value : undefined);

export const checkIds = async (): Promise<readonly string[]> =>
  (await import('../../../check/checks/index.ts')).checks.map(({ id }) => id);

export async function contextNames({ kubeconfig }: Flags, ports: Ports): Promise<readonly string[]> {
  const { contextNames } = await import('../../../check/sources/cluster/kubeconfig.ts');
  return contextNames({ kubeconfig: text(kubeconfig) }, ports);
}

/** A cluster that does not answer in time, and a credential command that asks for something, offer nothing. */
export async function namespaceNames({ kubeconfig, context }: Flags, ports: Ports): Promise<readonly string[]> {
  const { namespaceNames } = await import('../../../check/sources/cluster/namespaces.ts');
  const late = AbortSignal.timeout(patience);
  // As somebody types, a list is still one word.
  const first = text(context)?.split(',')[0];
  const given = { kubeconfig: text(kubeconfig), context: first };
  return Promise.race([
    namespaceNames(given, ports, late),
    new Promise<readonly string[]>((resolve) => late.addEventListener('abort', () => resolve([]))),
  ]);
}
