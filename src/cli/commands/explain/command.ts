import { defineCommand } from '../../command.ts';

export default defineCommand({
  name: 'explain',
  summary: 'Tell what a check judges, when it can be wrong and how to fix what it finds',
  group: 'Check what runs',
  arguments: { check: { summary: 'Id of a check, or "when": when microservices are worth it' } },
  options: {},
  examples: [
    ['msvc explain circuit-breakers', 'one check'],
    ['msvc explain when', 'when to use microservices at all'],
    ['msvc explain', 'all checks, a line each'],
  ],
  async run({ check }, ports) {
    const { explainCheck, explainWhen, listChecks } = await import('./text.ts');
    const columns = Math.min(ports.stdout.columns, 100);
    if (check === undefined) return { output: listChecks(columns), exitCode: 0 };
    return { output: check === 'when' ? explainWhen(columns) : explainCheck(check, columns), exitCode: 0 };
  },
});
