import { defineCommand } from '../../command.ts';
import { changeOptions } from '../../service/change-options.ts';

export default defineCommand({
  name: 'update',
  summary: 'Bring a service up to date; your own lines stay',
  group: 'Extend a service',
  options: {
    check: { summary: 'Write nothing; exit 1 where changes wait (for CI)', group: 'How it is done' },
    dropLost: { summary: 'Delete the files of what the record does not list any more', group: 'How it is done' },
    ...changeOptions,
  },
  examples: [
    ['msvc update --dry-run', 'see what would happen first'],
    ['msvc update --yes', 'ask nothing'],
    ['msvc update --check', 'in CI: are we up to date?'],
  ],
  async run(flags, ports) {
    const { changeService } = await import('../../service/index.ts');
    return changeService({ flags, ports, brings: 'templates', done: () => 'Updated', change: (record) => record });
  },
});
