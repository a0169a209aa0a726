import { UserError } from '../../../errors.ts';
import { harmlessLine } from '../../../harmless.ts';
import { defineCommand } from '../../command.ts';

const names = ['bash', 'zsh', 'fish'] as const;

export default defineCommand({
  name: 'completion',
  summary: 'Let the Tab key know commands, options, contexts and namespaces',
  group: 'This tool',
  arguments: { shell: { required: true, summary: names.join(', '), offers: names } },
  options: {
    word: {
      value: 'text',
      repeat: true,
      summary: 'Asked by the shell: a word of the line; the last is being typed',
    },
  },
  examples: [
    ['msvc completion bash >> ~/.bashrc', 'bash, from the next one on'],
    ['msvc completion zsh >> ~/.zshrc', 'zsh, behind the line with compinit'],
    ['msvc completion fish > ~/.config/fish/completions/msvc.fish', 'fish'],
  ],
  async run({ shell = '', word }, ports) {
    const { answer, shells } = await import('./shells.ts');
    const known = Object.hasOwn(shells, shell) ? shells[shell] : undefined;
    if (!known)
      throw new UserError({
        code: 'UNKNOWN_SHELL',
        what: `There is no completion for "${harmlessLine(shell)}"`,
        why: `The shells are ${names.join(', ')}.`,
        fix: 'Name one of them: msvc completion bash',
      });
    if (!word) return { output: known.script, exitCode: 0 };
    const [{ nextWords }, { commands, newCommand }] = await Promise.all([
      import('./next-words.ts'),
      import('../index.ts'),
    ]);
    const [bin = '', ...typed] = word;
    const only = /(^|\/)create-microservice$/.test(bin) ? { only: newCommand } : {};
    try {
      const next = await nextWords({ bin, version: '', commands, ...only }, typed, ports);
      return { output: answer(known, next), exitCode: 0 };
    } catch {
      // A broken kubeconfig is told by the command itself, not into the middle of a line.
      return { output: '', exitCode: 0 };
    }
  },
});
