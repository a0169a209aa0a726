import type { FeatureManifest } from '../../../generate/manifest.ts';
import { type Command, defineCommand } from '../../command.ts';
import { changeOptions } from '../../service/change-options.ts';
import { questionOptions } from '../../service/question-options.ts';
import { askUnlessDecided } from '../../service/who-answers.ts';
import { manifests } from '../../templates/manifests.ts';

type Instances = Required<FeatureManifest>['instances'];

const exampleName = ({ noun, example }: Instances): string =>
  example ?? (noun === 'client' ? 'payments' : `my-${noun}`);

const exampleFlag = ({ name, kind, choices, flags, default: preset }: Instances['questions'][number]): string[] => {
  if (flags) return [`--${choices?.[0]?.value}`];
  return kind === 'list' ? [`--${name} ${Array.isArray(preset) ? preset.join(',') : 'first,second'}`] : [];
};

/** `add-client`, `add-saga`, …: one command a kind of instance, made from the manifest of its feature. */
export const addInstanceCommands: readonly Command[] = manifests.flatMap((manifest) =>
  manifest.instances ? [addInstance(manifest, manifest.instances)] : [],
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
    ],
    async run({ name: given, ...flags }, ports) {
      const { askAnswers, askName, changeService, givenAnswers, noName, withFeature, withInstance } = await import(
        '../../service/index.ts'
      );
      const ask = askUnlessDecided(flags, ports);
      let instance = { ...givenAnswers(questions, flags), name: given ?? '' };
      return changeService({
        flags,
        ports,
        done: () => `${noun} ${instance.name} added`,
        async change(record) {
          if (given === undefined && !ask) throw noName(noun, example, ports);
          if (ask) {
            const chosen = given ?? (await askName(instances, exampleName(instances), ask));
            instance = { ...(await askAnswers(questions, instance, ask)), name: chosen };
          }
          const answers = givenAnswers(feature.questions, flags);
          return withInstance(withFeature(record, feature.id, answers, manifests), kind, instance, manifests);
        },
      });
    },
  });
}
