import { settable } from '../../../generate/inputs/settable.ts';
import { defineCommand } from '../../command.ts';
import { changeOptions } from '../../service/change-options.ts';
import { manifests } from '../../templates/manifests.ts';

const answers = settable(manifests);

export default defineCommand({
  name: 'set',
  summary: 'Give an answer anew: another name, owner or package manager',
  group: 'Extend a service',
  arguments: {
    answer: { required: true, summary: `Which one: ${answers.join(', ')}`, offers: answers },
    value: { required: true, summary: 'What it is from now on' },
  },
  options: changeOptions,
  examples: [
    ['msvc set owner checkout-team', 'in any folder of a service'],
    ['msvc set package-manager pnpm --dry-run', 'see which files would change'],
  ],
  async run({ answer = '', value = '', ...flags }, ports) {
    const { changeService, withAnswer } = await import('../../service/index.ts');
    return changeService({
      flags,
      ports,
      done: () => `${answer} is ${value} now`,
      change(record) {
        const changed = withAnswer(record, answer, value, manifests);
        if (changed.name !== record.name) ports.stderr.write(`note: ${newName(record.name)}\n`);
        return changed;
      },
    });
  },
});

const newName = (before: string): string =>
  `for a cluster this is another service: what runs there as ${before} goes on until you take it down; the folder keeps its name`;
