import { nameForms } from '../../generate/inputs/name-forms.ts';
import type { Stub } from './stub.ts';

export function featureStub(id: string): Stub {
  const { title, camel } = nameForms(id);
  const manifest = {
    id,
    title,
    summary: `${title}: what it brings, in one line`,
    selectable: true,
    requires: [],
    conflicts: [],
    questions: [],
  };
  return {
    files: {
      [`templates/features/${id}/feature.json`]: `${JSON.stringify(manifest, null, 2)}\n`,
      [`templates/features/${id}/once/docs/${id}.md`]: `# ${title}\n\nWhat it does, and the one thing that its user must know.\n`,
      [`templates/features/${id}/once/src/plugins/${id}.ts`]: `import fp from 'fastify-plugin';

/** Found by its folder, started and closed with the app. */
export default fp(
  async (app) => {
    app.log.debug('${id} is ready');
  },
  { name: '${id}' },
);
`,
      [`templates/features/${id}/once/test/${id}.test.ts`]: `import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startApp } from './support/app.ts';

test('the service starts with ${camel}', async (t) => {
  const { url } = await startApp(t);
  assert.equal((await fetch(\`\${url}/health/live\`)).status, 200);
});
`,
    },
    tests: ['test/generate', 'test/cli', 'test/repo/repo.test.ts'],
  };
}
