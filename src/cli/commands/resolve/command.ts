import { defineCommand } from '../../command.ts';
import { changeOptions } from '../../service/change-options.ts';

const { writeConflicts: _, ...options } = changeOptions;

export default defineCommand({
  name: 'resolve',
  summary: 'End a merge of two branches that each changed the service',
  group: 'Extend a service',
  options: {
    prefer: {
      value: 'side',
      choices: ['ours', 'theirs'],
      summary: 'Whose answer counts where both changed one',
      group: 'How it is done',
    },
    ...options,
  },
  examples: [
    ['msvc resolve', 'after git merge, rebase or cherry-pick has stopped'],
    ['msvc resolve --dry-run --diff', 'see every line first'],
  ],
  async run(flags, ports) {
    const { resolveMerge } = await import('../../service/index.ts');
    return resolveMerge(flags, ports);
  },
});
