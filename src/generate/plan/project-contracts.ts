import { type Contracts, contractedClients, contractPath } from '../contracts/contracts.ts';
import type { ServiceRecord } from '../record.ts';
import type { Project } from './project.ts';

/** A contract that a command was given, in the form in which it is kept. */
export interface GivenContract {
  client: string;
  text: string;
  /** What it imports, by path below contracts/. */
  imports: ReadonlyMap<string, string>;
  /** Options that are left out of it: `(google.api.http)`. */
  leftOut: readonly string[];
}

/** The contracts that a service is made from: the one that is given, else as they lie in it, or as they were last. */
export async function contractsOf(
  { read, base }: Pick<Project, 'read' | 'base'>,
  record: ServiceRecord,
  given?: GivenContract,
): Promise<Contracts> {
  const clients = contractedClients(record);
  const disk = await read(clients.map(contractPath));
  const texts = new Map<string, string>();
  const waiting: string[] = [];
  for (const contracted of clients) {
    const { client, kind } = contracted;
    const path = contractPath(contracted);
    const text = client === given?.client ? given.text : (disk.get(path)?.content ?? base.get(path));
    if (text === undefined) continue;
    texts.set(client, text);
    if (kind === 'grpc') waiting.push(text);
  }
  if (waiting.length === 0) return { texts, imports: new Map() };

  // What is given holds for all clients that import it.
  const { keptImports } = await import('../contracts/protobuf/keep-proto.ts');
  const imports = new Map<string, string>();
  for (const text of waiting) {
    for (const name of keptImports(text).filter((one) => !imports.has(one))) {
      const path = `contracts/${name}`;
      const found = given?.imports.get(name) ?? (await read([path])).get(path)?.content ?? base.get(path);
      if (found === undefined) continue;
      imports.set(name, found);
      // Has its turn too.
      waiting.push(found);
    }
  }
  return { texts, imports: new Map([...imports].sort(([a], [b]) => (a < b ? -1 : 1))) };
}
