import { defineCommand } from '../../command.ts';
import { changeOptions } from '../../service/change-options.ts';
import { questionOptions } from '../../service/question-options.ts';
import { manifests } from '../../templates/manifests.ts';
import { offeredFeatures } from '../../templates/offered-features.ts';

const questions = manifests.flatMap((manifest) => manifest.questions);

export default defineCommand({
  name: 'add-feature',
  summary: 'Add a feature to a service, or answer its questions anew',
  group: 'Extend a service',
  arguments: { id: { required: true, summary: 'One of those that msvc list shows' } },
  options: { ...questionOptions(questions, 'What it is'), ...changeOptions },
  examples: [
    ['msvc add-feature postgres', 'in any folder of a service'],
    ['msvc add-feature postgres --dry-run --diff', 'see every line first'],
  ],
  async run({ id, ...flags }, ports) {
    const { changeService, findFeature, givenAnswers, withFeature } = await import('../../service/index.ts');
    const feature = findFeature(id ?? '', offeredFeatures);
    return changeService({
      flags,
      ports,
      done: () => `${feature.title} added`,
      change: (record) => withFeature(record, feature.id, givenAnswers(feature.questions, flags), manifests),
    });
  },
});
