import { isContractKind } from '../../../generate/contracts/contracts.ts';
import type { FeatureManifest } from '../../../generate/manifest.ts';
import { type Command, defineCommand, type Flags } from '../../command.ts';
import { changeOptions } from '../../service/change-options.ts';
import type { NamedContract } from '../../service/contracts.ts';
import { exampleName } from '../../service/example-name.ts';
import { chosenByFlag, questionOptions } from '../../service/question-options.ts';
import { askUnlessDecided } from '../../service/who-answers.ts';
import { manifests } from '../../templates/manifests.ts';
import type { AskedInstance } from './ask.ts';

type Instances = Required<FeatureManifest>['instances'];

const exampleFlag = ({ name, kind, choices, flags, default: preset }: Instances['questions'][number]): string[] => {
  if (flags) return [`--${choices?.[0]?.value}`];
  return kind === 'list' ? [`--${name} ${Array.isArray(preset) ? preset.join(',') : 'first,second'}`] : [];
};

/** The contract that a flag names: a file or an address. */
function contractIn(questions: Instances['questions'], client: string, flags: Flags): NamedContract | undefined {
  const asked = questions.find(({ kind }) => kind === 'contract');
  const kind = asked && chosenByFlag(asked, flags);
  const place = flags[kind ?? ''];
  return isContractKind(kind) && typeof place === 'string' ? { client, kind, place } : undefined;
}

const fromContract =
  (command: string) =>
  ({ choices = [] }: Instances['questions'][number]): readonly [string, string] => [
    `${command} --${choices[0]?.value} ../${command.split(' ').at(-1)}/contracts/${choices[0]?.value}.json`,
    'from its contract; again with a newer one',
  ];

/** `add-client`, `add-saga`, …: one command a kind of instance, made from the manifest of its feature. */
export const addInstanceCommands: readonly Command[] = manifests.flatMap((manifest) =>
  manifest.instances && !manifest.instances.command ? [addInstance(manifest, manifest.instances)] : [],
);

function addInstance(feature: FeatureManifest, instances: Instances): Command {
  const { kind, noun, questions } = instances;
  const article = /^[aeiou]/.test(noun) ? 'an' : 'a';
  const name = `add-${noun}`;
  const example = [`msvc ${name} ${exampleName(instances)}`, ...questions.slice(0, 1).flatMap(exampleFlag)].join(' ');
  return defineCommand({
    name,
    summary: `Add ${article} ${noun} to a service`,
    group: 'Extend a service',
    arguments: { name: { summary: `Name of the ${noun}` } },
    options: { ...questionOptions([...questions, ...feature.questions], 'What it is'), ...changeOptions },
    examples: [
      [example, 'in any folder of a service'],
      [`${example} --dry-run`, 'see what would happen first'],
      ...questions
        .filter(({ kind }) => kind === 'contract')
        .map(fromContract(`msvc ${name} ${exampleName(instances)}`)),
    ],
    async run({ name: given, ...flags }, ports) {
      const service = await import('../../service/index.ts');
      const { askInstance, changeService, givenAnswers, givenContract, noName, takenBy } = service;
      const ask = askUnlessDecided(flags, ports);
      const named = given === undefined ? undefined : contractIn(questions, given, flags);
      let asked: AskedInstance = { instance: { ...givenAnswers(questions, flags), name: given ?? '' } };
      let isThere = false;
      return changeService({
        flags,
        ports,
        contract: async () => asked.contract?.given ?? (named && givenContract(named, ports)),
        done: () => `${noun} ${asked.instance.name} ${isThere ? 'follows its contract' : 'added'}`,
        async change(record) {
          if (given === undefined && !ask) throw noName(noun, example, ports);
          if (ask) asked = await askInstance(record, instances, given, { ask, ports });
          const { instance, contract = named } = asked;
          isThere = takenBy(record, instances, instance.name) !== undefined;
          const answers = givenAnswers(feature.questions, flags);
          const withOne = contract ? service.withContract : service.withInstance;
          return withOne(service.withFeature(record, feature.id, answers, manifests), kind, instance, manifests);
        },
      });
    },
  });
}
