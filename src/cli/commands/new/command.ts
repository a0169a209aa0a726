import { supported } from '../../../generate/inputs/package-manager.ts';
import { defineCommand } from '../../command.ts';
import { questionOptions } from '../../service/question-options.ts';
import { manifests, presets } from '../../templates/manifests.ts';

const service = 'What it is';
const features = 'What it has';
const setup = 'How it is set up';
const output = 'What is shown';

const selectable = manifests.filter((manifest) => manifest.selectable).map(({ id }) => id);

export default defineCommand({
  name: 'new',
  summary: 'Make a service in which the hard parts already work',
  group: 'Make a service',
  arguments: { name: { summary: 'Name of the service and of its folder, such as order-service' } },
  options: {
    description: { value: 'text', summary: 'What it does, in one sentence', group: service },
    context: { value: 'name', summary: 'Bounded context that it belongs to', group: service },
    owner: { value: 'team', summary: 'Team that owns it', group: service },
    template: {
      value: 'id',
      summary: `Named list of features: ${presets.map(({ id }) => id).join(', ')}`,
      group: features,
      offers: presets.map(({ id }) => id),
    },
    with: {
      value: 'a,b',
      list: true,
      summary: `More features: ${selectable.join(', ')}`,
      group: features,
      offers: selectable,
    },
    calls: { value: 'a,b', list: true, summary: 'Services that it calls: a client for each', group: features },
    example: { off: true, summary: 'Leave out the example resource', group: features },
    ...questionOptions(
      manifests.flatMap(({ questions }) => questions),
      features,
    ),
    directory: { value: 'path', summary: 'Where to put it; default: the name', group: setup, offers: 'folders' },
    packageManager: {
      value: 'name',
      summary: `${supported.join(' or ')}; default: what is used here`,
      group: setup,
      offers: supported,
    },
    install: { off: true, summary: 'Do not install its dependencies', group: setup },
    git: { off: true, summary: 'No git repository and first commit', group: setup },
    yes: { summary: 'Ask nothing, take the defaults', group: setup },
    platform: {
      value: 'dir',
      optional: true,
      summary: 'Instead of a service: what a cluster needs once',
      group: setup,
      offers: 'folders',
    },
    dryRun: { summary: 'Show the files and write nothing', group: output },
    diff: { summary: 'Show their content too and write nothing', group: output },
    json: { summary: 'One JSON document, for programs', group: output },
  },
  examples: [
    ['msvc new', 'ask everything'],
    ['msvc new order-service --yes', 'ask nothing'],
    ['msvc new order-service --calls payments,inventory', 'with a client for each'],
    ['msvc new order-service --dry-run', 'see the files first'],
  ],
  run: async (flags, ports) => {
    const { newPlatform, newService } = await import('../../service/index.ts');
    return flags.platform === undefined ? newService(flags, ports) : newPlatform(flags, ports);
  },
});
