import { defineCommand } from '../../command.ts';

export default defineCommand({
  name: 'explain',
  summary: 'Tell what a check or a reason means and how to fix what it finds',
  group: 'Check what runs',
  arguments: {
    topic: {
      summary:
        'Id of a check, code of a reason, "async-communication", "score", or "when": when microservices are worth it',
      offers: async () => (await import('./text.ts')).topics,
    },
  },
  options: {},
  examples: [
    ['msvc explain circuit-breakers', 'one check'],
    ['msvc explain NO_PROBES', 'one reason of a finding'],
    ['msvc explain score', 'what the numbers count'],
    ['msvc explain when', 'when to use microservices at all'],
    ['msvc explain', 'all checks, a line each'],
  ],
  async run({ topic }, ports) {
    const { explain, listChecks } = await import('./text.ts');
    const columns = Math.min(ports.stdout.columns, 100);
    return { output: topic === undefined ? listChecks(columns) : explain(topic, columns), exitCode: 0 };
  },
});
