import { UserError } from '../../../errors.ts';
import { harmlessLine, shortened } from '../../../harmless.ts';
import { contractChanges } from './compare.ts';
import type { Fields } from './document.ts';
import { type ClientContract, clientContract } from './operations.ts';
import { parseDocument } from './parse-document.ts';
import { printModule } from './print-module.ts';

/** A contract in both of the forms that a service keeps. */
export interface OpenApiContract {
  /** The document as JSON. */
  kept: string;
  contract: ClientContract;
}

/**
 * An OpenAPI 3 document, JSON or YAML. `source` is what messages call it.
 *
 * @throws UserError CONTRACT_BROKEN, CONTRACT_UNKNOWN, CONTRACT_EMPTY where no client can be made of it
 */
export async function readOpenApi(text: string, source: string): Promise<OpenApiContract> {
  const document: Fields = await parseDocument(text, source);
  const contract = clientContract(document);
  if (contract.operations.size === 0)
    throw new UserError({
      code: 'CONTRACT_EMPTY',
      what: `${harmlessLine(source)} has no operation that a client could ask`,
      why: `${line(contract.notes[0] ?? 'It has no paths')}.`,
      fix: 'Give a document with JSON operations below its paths.',
    });
  return { kept: `${JSON.stringify(document, null, 2)}\n`, contract };
}

/** Names of a document stand in it, which may be of any length. */
const line = (text: string): string => shortened(harmlessLine(text), 300);

/** The module of a client: its operations and schemas, as TypeScript. */
export const clientModule = (client: string, { contract }: OpenApiContract): string => printModule(client, contract);

/**
 * What to tell of a contract that is new or another than before: what changed, a line each, and what it says that a
 * client does not.
 */
export function toldOf(
  before: OpenApiContract | undefined,
  after: OpenApiContract,
): { changes: string[]; notes: string[] } {
  const known = new Set(before?.contract.notes ?? []);
  return {
    changes: before ? contractChanges(before.contract, after.contract).map(line) : [],
    notes: after.contract.notes.filter((note) => !known.has(note)).map(line),
  };
}
