import { nameForms } from '../../generate/inputs/name-forms.ts';
import { type Stub, withEntry } from './stub.ts';

export function formatStub(id: string): Stub {
  const { camel, pascal } = nameForms(id);
  return {
    files: {
      [`src/check/report/${id}.ts`]: `import { harmless } from '../../harmless.ts';
import type { CheckRun } from '../contract.ts';

/** A run as text: say here for whom. Names come from outside, so each is made harmless. */
export const render${pascal} = (run: CheckRun): string =>
  run.results.map(({ check, status, subject }) => \`\${check} \${status} \${harmless(subject.name)}\\n\`).join('');
`,
    },
    tests: ['test/check/report', 'test/repo/repo.test.ts', 'test/repo/directions.test.ts'],
    index: {
      path: 'src/check/report/formats.ts',
      change: (text) =>
        withEntry(
          text,
          `import { render${pascal} } from './${id}.ts';`,
          `  ${id.includes('-') ? `'${id}'` : camel}: render${pascal},\n`,
          /\};\s*$/,
        ),
    },
  };
}
