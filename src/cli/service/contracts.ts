import { type ContractKind, contractedClients, contractPath } from '../../generate/contracts/contracts.ts';
import { importsOf, readContract } from '../../generate/files/read-contract.ts';
import type { Plan } from '../../generate/plan/plan.ts';
import type { Project } from '../../generate/plan/project.ts';
import type { GivenContract } from '../../generate/plan/project-contracts.ts';
import { harmlessLine, shortened } from '../../harmless.ts';
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
    const { keepGrpc } = await import('../../generate/contracts/protobuf/grpc.ts');
    return { client, ...(await keepGrpc(client, text, source, importsOf(place, ports))) };
  }
  const { readOpenApi } = await import('../../generate/contracts/openapi/index.ts');
  const { kept } = await readOpenApi(text, source);
  return { client, text: kept, imports: new Map(), leftOut: [] };
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
      if (client !== given?.client) continue;
      if (given.leftOut.length > 0) {
        const names = shortened(harmlessLine(given.leftOut.join(', ')), 200);
        stderr.write(`note: ${client}: left out of the contract, as no client needs it: ${names}\n`);
      }
      if (before === undefined) continue;
      const { checkNothingGone, readGrpc } = await import('../../generate/contracts/protobuf/grpc.ts');
      const rendered = new Map([...plan.rendered].map(([one, { content }]) => [one, content]));
      const [was, is] = [keptIn(base, before), keptIn(rendered, after)];
      checkNothingGone(client, readGrpc(client, was, path), readGrpc(client, is, path));
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

/** A contract with what the contracts of clients import, in the files of a service. */
function keptIn(files: ReadonlyMap<string, string>, text: string) {
  const below = 'contracts/';
  const imports = [...files].filter(([path]) => path.startsWith(`${below}clients/imports/`));
  return { text, imports: new Map(imports.map(([path, content]) => [path.slice(below.length), content])) };
}

const upTo = (lines: readonly string[], where: string): string => {
  const more = lines.length - mostLines;
  const shown = more > 1 ? [...lines.slice(0, mostLines), `and ${more} more: ${where}`] : lines;
  return shown.map((line) => `${line}\n`).join('');
};
