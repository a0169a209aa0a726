import { defineCommand } from '../../command.ts';

export default defineCommand({
  name: 'diff',
  summary: 'Compare two reports: what is new, worse, resolved, or was not seen',
  group: 'Check what runs',
  arguments: {
    before: { summary: 'What -o json=FILE or --write-baseline FILE wrote', required: true, offers: 'files' },
    after: { summary: 'The later one', required: true, offers: 'files' },
  },
  options: {
    failOn: {
      value: 'level',
      choices: ['fail', 'warn', 'never'],
      summary: 'Exit 1 where something new or worse is at this level or above; fail unless said',
    },
    output: {
      value: 'format',
      short: 'o',
      choices: ['terminal', 'json', 'markdown'],
      summary: 'How it is shown; terminal unless said',
    },
  },
  examples: [
    ['msvc diff monday.json friday.json', 'what changed in a week'],
    ['msvc diff main.json branch.json -o markdown --fail-on warn', 'for a pull request'],
  ],
  wantsJson: ({ output }) => output === 'json',
  async run({ before = '', after = '', failOn = 'fail', output = 'terminal' }, ports) {
    const { diffReports } = await import('./diff.ts');
    return diffReports({ before, after, failOn, output }, ports);
  },
});
