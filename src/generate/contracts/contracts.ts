import { UserError } from '../../errors.ts';
import type { ServiceRecord } from '../record.ts';

/** What services that are called have agreed to, by the name of the client: the text of each contract. */
export type Contracts = ReadonlyMap<string, string>;

/** Where a service keeps the contract of one that it calls. */
export const contractPath = (client: string): string => `contracts/clients/${client}.json`;

/** The clients that are made from a contract. */
export const contractedClients = ({ instances }: Pick<ServiceRecord, 'instances'>): string[] =>
  (instances.clients ?? []).flatMap(({ name, contract }) => (contract === 'openapi' ? [name] : []));

const contractGone = (client: string): UserError =>
  new UserError({
    code: 'CONTRACT_GONE',
    what: `${contractPath(client)} is gone`,
    why: `The client ${client} is made from it.`,
    fix: `Take it back from git, or give it anew: msvc add-client ${client} --openapi <file or URL>`,
  });

/** The files that only a contract makes, by path. @throws UserError CONTRACT_GONE, and as `readOpenApi` */
export async function contractFiles(record: ServiceRecord, contracts: Contracts): Promise<[string, string][]> {
  const clients = contractedClients(record);
  if (clients.length === 0) return [];
  const { clientModule, readOpenApi } = await import('./openapi/index.ts');
  const files: [string, string][] = [];
  for (const client of clients) {
    const text = contracts.get(client);
    if (text === undefined) throw contractGone(client);
    const contract = await readOpenApi(text, contractPath(client));
    files.push([contractPath(client), contract.kept], [`src/contracts/${client}.ts`, clientModule(client, contract)]);
  }
  return files;
}
