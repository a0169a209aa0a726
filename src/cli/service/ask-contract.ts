import { UserError } from '../../errors.ts';
import { isContractKind } from '../../generate/contracts/contracts.ts';
import type { Question } from '../../generate/manifest.ts';
import type { GivenContract } from '../../generate/plan/project-contracts.ts';
import type { Ask, Ports } from '../../ports.ts';
import { givenContract } from './contracts.ts';

/** What a client is made from: the question, its answer, and what was read. */
export interface AskedContract {
  question: string;
  kind: string;
  given: GivenContract;
}

/**
 * Asks whether there is a contract and where; only one of which a client can be made is taken. A client that is there
 * already can only follow one: without, there would be nothing to do.
 */
export async function askContract(
  { name: question, message, choices = [] }: Question,
  client: string,
  { isThere, ask, ports }: { isThere: boolean; ask: Ask; ports: Ports },
): Promise<AskedContract | undefined> {
  const none = { value: 'none', name: 'Nothing that can be read: its methods are written by hand' };
  const kind = await ask.choose({
    message,
    choices: [...(isThere ? [] : [none]), ...choices.map(({ value, title }) => ({ value, name: title }))],
  });
  if (!isContractKind(kind)) return undefined;
  let given: GivenContract | undefined;
  await ask.text({
    message: 'Its file, or its address (https://…)',
    async validate(typed) {
      const place = typed.trim();
      if (place === '') return 'An answer is needed';
      try {
        given = await givenContract({ client, kind, place }, ports);
        return true;
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        return `${error.message}. ${error.why}`;
      }
    },
  });
  return given && { question, kind, given };
}
