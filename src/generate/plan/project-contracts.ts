import { type Contracts, contractedClients, contractPath } from '../contracts/contracts.ts';
import type { ServiceRecord } from '../record.ts';
import type { Project } from './project.ts';

/** A contract that a command was given, in the form in which it is kept. */
export interface GivenContract {
  client: string;
  text: string;
}

/** The contracts that a service is made from: the one that is given, else as they lie in it, or as they were last. */
export async function contractsOf(
  { read, base }: Pick<Project, 'read' | 'base'>,
  record: ServiceRecord,
  given?: GivenContract,
): Promise<Contracts> {
  const clients = contractedClients(record);
  const disk = await read(clients.map(contractPath));
  const contracts = new Map<string, string>();
  for (const contracted of clients) {
    const { client } = contracted;
    const path = contractPath(contracted);
    const text = client === given?.client ? given.text : (disk.get(path)?.content ?? base.get(path));
    if (text !== undefined) contracts.set(client, text);
  }
  return contracts;
}
