import { UserError } from '../../errors.ts';
import type { ServiceRecord } from '../record.ts';
import type { StepMethods } from './protobuf/step-methods.ts';

/** What services that are called have agreed to. */
export interface Contracts {
  /** The text of each contract, by the name of the client. */
  texts: ReadonlyMap<string, string>;
  /** What those import, by path below contracts/; who imports the same has it once. */
  imports: ReadonlyMap<string, string>;
}

/** The form that a contract has, named like the flag that takes it, with the end of its file's name. */
const extensions = { openapi: 'json', grpc: 'proto' } as const;

export type ContractKind = keyof typeof extensions;

/** A client that is made from a contract. */
export interface ContractedClient {
  client: string;
  kind: ContractKind;
}

export const isContractKind = (word: unknown): word is ContractKind =>
  typeof word === 'string' && Object.hasOwn(extensions, word);

/** Where a service keeps the contract of one that it calls. */
export const contractPath = ({ client, kind }: ContractedClient): string =>
  `contracts/clients/${client}.${extensions[kind]}`;

/** The clients that are made from a contract. */
export const contractedClients = ({ instances }: Pick<ServiceRecord, 'instances'>): ContractedClient[] =>
  (instances.clients ?? []).flatMap(({ name, contract }) =>
    isContractKind(contract) ? [{ client: name, kind: contract }] : [],
  );

const contractGone = (contracted: ContractedClient): UserError =>
  new UserError({
    code: 'CONTRACT_GONE',
    what: `${contractPath(contracted)} is gone`,
    why: `The client ${contracted.client} is made from it.`,
    fix: `Take it back from git, or give it anew: msvc add-client ${contracted.client} --${contracted.kind} <file or URL>`,
  });

/**
 * What steps of sagas call of the clients that call by gRPC: a function of a client and a step, which gives undefined for
 * any other client.
 *
 * @throws UserError as `readGrpc`
 */
export async function grpcMethods(
  record: ServiceRecord,
  { texts, imports }: Contracts,
): Promise<(client: string, step: string) => StepMethods | undefined> {
  const clients = contractedClients(record).filter(({ kind, client }) => kind === 'grpc' && texts.has(client));
  if (clients.length === 0 || !record.instances.sagas?.length) return () => undefined;
  const { readGrpc } = await import('./protobuf/grpc.ts');
  const { stepMethods } = await import('./protobuf/step-methods.ts');
  const known = new Map(
    clients.map((one) => {
      const text = texts.get(one.client) as string;
      return [one.client, readGrpc(one.client, { text, imports }, contractPath(one))] as const;
    }),
  );
  return (client, step) => {
    const contract = known.get(client);
    return contract && stepMethods(step, contract);
  };
}

/** The files that only a contract makes, by path. @throws UserError CONTRACT_GONE, and as `readOpenApi` and `readGrpc` */
export async function contractFiles(record: ServiceRecord, contracts: Contracts): Promise<[string, string][]> {
  const files: [string, string][] = [];
  for (const contracted of contractedClients(record)) {
    const { client, kind } = contracted;
    const text = contracts.texts.get(client);
    if (text === undefined) throw contractGone(contracted);
    const path = contractPath(contracted);
    const { kept, module } =
      kind === 'grpc'
        ? await grpcFiles(client, { text, imports: contracts.imports }, path)
        : await openApiFiles(client, text, path);
    files.push([path, kept], [`src/contracts/${client}.ts`, module]);
  }
  return [...files, ...[...contracts.imports].map(([path, text]): [string, string] => [`contracts/${path}`, text])];
}

async function openApiFiles(client: string, text: string, path: string) {
  const { clientModule, readOpenApi } = await import('./openapi/index.ts');
  const contract = await readOpenApi(text, path);
  return { kept: contract.kept, module: clientModule(client, contract) };
}

async function grpcFiles(client: string, kept: { text: string; imports: Contracts['imports'] }, path: string) {
  const { grpcModule, readGrpc } = await import('./protobuf/grpc.ts');
  const { text } = kept;
  return { kept: text.endsWith('\n') ? text : `${text}\n`, module: grpcModule(client, readGrpc(client, kept, path)) };
}
