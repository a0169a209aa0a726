import { contractedClients, contractPath } from '../../generate/contracts/contracts.ts';
import { readContract } from '../../generate/files/read-contract.ts';
import type { Plan } from '../../generate/plan/plan.ts';
import type { Project } from '../../generate/plan/project.ts';
import type { GivenContract } from '../../generate/plan/project-contracts.ts';
import type { Ports } from '../../ports.ts';

/** A contract that was named on the command line. */
export interface NamedContract {
  client: string;
  /** A file or an address. */
  place: string;
}

/** Reads it, and looks whether a client can be made of it. @throws UserError where it cannot */
export async function givenContract({ client, place }: NamedContract, ports: Ports): Promise<GivenContract> {
  const { text, source } = await readContract(place, ports);
  const { readOpenApi } = await import('../../generate/contracts/openapi/index.ts');
  const { kept } = await readOpenApi(text, source);
  return { client, text: kept };
}

/** More of one kind is read in the file that holds all. */
const mostLines = 20;

/** Says what is new in contracts, and what a client of them cannot do, before anything is written. */
export async function tellOfContracts({ base }: Pick<Project, 'base'>, plan: Plan, { stderr }: Ports): Promise<void> {
  for (const client of contractedClients(plan.record)) {
    const path = contractPath(client);
    const [before, after] = [base.get(path), plan.rendered.get(path)?.content];
    if (after === undefined || before === after) continue;
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
