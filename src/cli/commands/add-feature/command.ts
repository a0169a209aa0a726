import { UserError } from '../../../errors.ts';
import type { Ask } from '../../../ports.ts';
import { defineCommand } from '../../command.ts';
import { changeOptions } from '../../service/change-options.ts';
import { questionOptions } from '../../service/question-options.ts';
import { askUnlessDecided } from '../../service/who-answers.ts';
import { manifests } from '../../templates/manifests.ts';
import { offeredFeatures } from '../../templates/offered-features.ts';

/** Those that are added by their own name; one with instances comes with its first. */
const choices = offeredFeatures.filter(({ instances }) => instances === undefined);

const noFeature = (): UserError =>
  new UserError({
    code: 'MISSING_ARGUMENT',
    what: '<id> is missing',
    why: `Known are: ${choices.map(({ id }) => id).join(', ')}; ${offeredFeatures
      .flatMap(({ instances }) => (instances ? [instances.command?.split(' ')[0] ?? `add-${instances.noun}`] : []))
      .join(', ')} bring the others.`,
    fix: 'Name one: msvc add-feature redis. What each is: msvc list',
  });

const questions = manifests.flatMap((manifest) => manifest.questions);

export default defineCommand({
  name: 'add-feature',
  summary: 'Add a feature to a service, or answer its questions anew',
  group: 'Extend a service',
  arguments: { id: { summary: 'One of those that msvc list shows', offers: choices.map(({ id }) => id) } },
  options: { ...questionOptions(questions, 'What it is'), ...changeOptions },
  examples: [
    ['msvc add-feature postgres', 'in any folder of a service'],
    ['msvc add-feature postgres --dry-run --diff', 'see every line first'],
  ],
  async run({ id, ...flags }, ports) {
    const service = await import('../../service/index.ts');
    const ask = askUnlessDecided(flags, ports);
    if (id === undefined && !ask) throw noFeature();
    const given = id === undefined ? undefined : service.findFeature(id, offeredFeatures);
    let title = given?.title;
    return service.changeService({
      flags,
      ports,
      done: () => `${title} added`,
      async change(record) {
        const feature = given ?? (await service.chooseFeature(record, choices, ask as Ask));
        title = feature.title;
        const answers = ask
          ? await service.askFeature(record, feature, ask)
          : service.givenAnswers(feature.questions, flags);
        return service.withFeature(record, feature.id, answers, manifests);
      },
    });
  },
});
