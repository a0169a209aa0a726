import { type ContractKind, contractedClients, contractPath } from '../../generate/contracts/contracts.ts';
import { readContract } from '../../generate/files/read-contract.ts';
import type { Plan } from '../../generate/plan/plan.ts';
import type { Project } from '../../generate/plan/project.ts';
import type { GivenContract } from '../../generate/plan/project-contracts.ts';
import type { Ports } from '../../ports.ts';

/** A contract that was named on the command line. */
export interface NamedContract {
  client: string;
  kind: ContractKind;
  /** A file or an address. */
  place: string;
}

/** Reads it, and looks whether a client can be made of it. @throws UserError where it cannot */
export async function givenContract({ client, kind, place }: NamedContract, ports: Ports): Promise<GivenContract> {
  const { text, source } = await readContract(place, ports);
  if (kind === 'grpc') {
    const { readGrpc } = await import('../../generate/contracts/protobuf/grpc.ts');
    readGrpc(client, text, source);
    return { client, text };
  }
  const { readOpenApi } = await import('../../generate/contracts/openapi/index.ts');
  const { kept } = await readOpenApi(text, source);
  return { client, text: kept };
}

/** More of one kind is read in the file that holds all. */
const mostLines = 20;

/** Says what is new in contracts, and what a client of them cannot do, before anything is written. */
export async function tellOfContracts(
  { base }: Pick<Project, 'base'>,
  plan: Plan,
  { stderr }: Ports,
  given?: GivenContract,
): Promise<void> {
  for (const contracted of contractedClients(plan.record)) {
    const { client, kind } = contracted;
    const path = contractPath(contracted);
    const [before, after] = [base.get(path), plan.rendered.get(path)?.content];
    if (after === undefined || before === after) continue;
    if (kind === 'grpc') {
      // One that somebody changed in the service is theirs, and the compiler says what it lacks.
      if (before === undefined || client !== given?.client) continue;
      const { checkNothingGone, readGrpc } = await import('../../generate/contracts/protobuf/grpc.ts');
      checkNothingGone(client, readGrpc(client, before, path), readGrpc(client, after, path));
      continue;
    }
    const { readOpenApi, toldOf } = await import('../../generate/contracts/openapi/index.ts');
    const was = before === undefined ? undefined : await readOpenApi(before, path);
    const { changes, notes } = toldOf(was, await readOpenApi(after, path));
    if (changes.length > 0) stderr.write(`contract of ${client}:\n${upTo(changes, `compare ${path}`)}`);
    stderr.write(
      upTo(
        notes.map((note) => `note: ${client}: ${note}`),
        `see src/contracts/${client}.ts`,
      ),
    );
  }
}

const upTo = (lines: readonly string[], where: string): string => {
  const more = lines.length - mostLines;
  const shown = more > 1 ? [...lines.slice(0, mostLines), `and ${more} more: ${where}`] : lines;
  return shown.map((line) => `${line}\n`).join('');
};
