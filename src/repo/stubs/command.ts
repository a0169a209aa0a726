import { nameForms } from '../../generate/inputs/name-forms.ts';
import { type Stub, withEntry } from './stub.ts';

export function commandStub(id: string): Stub {
  const { camel, title } = nameForms(id);
  return {
    files: {
      [`src/cli/commands/${id}/command.ts`]: `import { defineCommand } from '../../command.ts';

export default defineCommand({
  name: '${id}',
  summary: '${title}: say here what it does for whom',
  group: 'Extend a service',
  options: {},
  examples: [['msvc ${id}', 'what this example does']],
  async run() {
    return { output: '', exitCode: 0 };
  },
});
`,
    },
    tests: ['test/cli', 'test/repo/repo.test.ts', 'test/repo/directions.test.ts'],
    index: {
      path: 'src/cli/commands/index.ts',
      change: (text) => withEntry(text, `import ${camel} from './${id}/command.ts';`, `  ${camel},\n`, /\];\s*$/),
    },
  };
}
