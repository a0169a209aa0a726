import { UserError } from '../../errors.ts';
import { harmlessLine } from '../../harmless.ts';

/** Where the code of a service's own contracts, and of those of services that it calls, stands. */
const folder = 'src/generated';

/** A command renders a service two or three times, mostly with the same contracts. */
let last: { key: string; code: ReadonlyMap<string, string> } | undefined;

/**
 * The code that contracts in Protocol Buffers make, by path; of a service that has none, nothing is loaded.
 *
 * @throws UserError CONTRACT_BROKEN where they do not fit each other
 */
export async function generatedCode(
  files: Iterable<readonly [path: string, text: string]>,
): Promise<[string, string][]> {
  const sources = new Map(
    [...files].flatMap(([path, text]) => {
      const name = /^contracts\/(.+\.proto)$/.exec(path)?.[1];
      return name === undefined ? [] : [[name, text] as const];
    }),
  );
  if (sources.size === 0) return [];
  const { generateCode, ProtoError } = await import('./protobuf/index.ts');
  const key = JSON.stringify([...sources]);
  try {
    if (last?.key !== key) last = { key, code: generateCode(sources).code };
    return [...last.code].map(([path, text]) => [`${folder}/${path}`, text]);
  } catch (error) {
    if (!(error instanceof ProtoError)) throw error;
    throw new UserError({
      code: 'CONTRACT_BROKEN',
      what: `contracts/${harmlessLine(error.place)} makes no code`,
      why: `It says: ${harmlessLine(error.message)}.`,
      fix: 'Two contracts that one program reads need names of their own: leave one of them out.',
    });
  }
}
