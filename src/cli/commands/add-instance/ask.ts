import { takenBy } from '../../../generate/inputs/change-record.ts';
import { whyNoNameOf } from '../../../generate/inputs/names.ts';
import type { FeatureManifest } from '../../../generate/manifest.ts';
import type { Instance, ServiceRecord } from '../../../generate/record.ts';
import type { Ask, Ports } from '../../../ports.ts';
import { type AskedContract, askContract } from '../../service/ask-contract.ts';
import { exampleName } from '../../service/example-name.ts';
import { askAnswers, askName } from '../../service/questions.ts';

type Instances = Required<FeatureManifest>['instances'];

/** What was answered: an instance, and the contract that it is made from. */
export interface AskedInstance {
  instance: Instance;
  contract?: AskedContract | undefined;
}

/** Asks for an instance whose name was `given`, or nothing of it. Of a name that will be refused nothing is asked. */
export async function askInstance(
  record: ServiceRecord,
  instances: Instances,
  given: string | undefined,
  { ask, ports }: { ask: Ask; ports: Ports },
): Promise<AskedInstance> {
  const ofContract = instances.questions.find(({ kind }) => kind === 'contract');
  const isThere = (name: string): boolean =>
    record.instances[instances.kind]?.some((present) => present.name === name) ?? false;
  // One that is there may follow a newer contract.
  const whyNot = (name: string): string | undefined =>
    whyNoNameOf(instances, name) ?? (ofContract && isThere(name) ? undefined : takenBy(record, instances, name)?.what);
  const name = given ?? (await askName(instances, exampleName(instances), ask, whyNot));
  if (whyNot(name) !== undefined) return { instance: { name } };
  const answers = await askAnswers(instances.questions, {}, ask);
  const contract = ofContract && (await askContract(ofContract, name, { isThere: isThere(name), ask, ports }));
  return { instance: { ...answers, ...(contract && { [contract.question]: contract.kind }), name }, contract };
}
