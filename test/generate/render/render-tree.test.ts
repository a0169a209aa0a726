import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { renderTree } from '../../../src/generate/render/render-tree.ts';
import { TemplateError } from '../../../src/generate/render/template-sources.ts';
import { recordOf } from '../support/records.ts';
import { type FeatureParts, templateSet } from '../support/sources.ts';
import { userError } from '../support/user-error.ts';

const base = {
  'package.json':
    '{\n  "name": "x",\n  "files": ["dist"],\n  "dependencies": {\n    "fastify": "5.0.0",\n    "pino": "10.0.0"\n  }\n}\n',
  '.env.example': 'PORT=3000\n',
  '.gitignore': 'dist/\n',
  'deploy/kustomization.yaml': '# what is applied\nresources:\n  - service.yaml\n',
};

const clients: FeatureParts = {
  manifest: {
    instances: { kind: 'clients', noun: 'client', questions: [{ name: 'routes', message: 'Routes', kind: 'list' }] },
  },
  each: {
    'src/clients/__name__.ts.hbs':
      'export const {{instance.camel}} = [{{#each instance.routes}}"{{name}}"{{#if @last}}{{else}}, {{/if}}{{/each}}];\n',
  },
  mergeEach: { '.env.example.hbs': '{{instance.constant}}_URL=\n' },
};

const render = async (features: Record<string, FeatureParts>, record: Parameters<typeof recordOf>[0] = {}) => {
  const tree = await renderTree(recordOf(record), templateSet(base, features));
  return (path: string): string | undefined => tree.get(path)?.content;
};

const all = (features: Record<string, FeatureParts>) => ({
  features: Object.fromEntries(Object.keys(features).map((id) => [id, {}])),
});

describe('a service', () => {
  test('is base alone where nothing else was asked for', async () => {
    const tree = await renderTree(recordOf(), templateSet(base, { pg: { once: { 'pg.ts': '' } } }));
    expect([...tree.keys()]).toEqual(Object.keys(base).sort());
    for (const [path, content] of Object.entries(base)) expect(tree.get(path)).toEqual({ content });
  });

  test('has the contributions of its features in shared files', async () => {
    const features: Record<string, FeatureParts> = {
      pg: {
        merge: {
          'package.json': '{ "files": ["dist", "sql"], "dependencies": { "pg": "8.0.0", "fastify": "5.0.0" } }',
          '.env.example': '# Postgres\nDATABASE_URL=\n',
          '.gitignore': 'dist/\ndata/\n',
          'deploy/kustomization.yaml': 'resources:\n  - pg.yaml\n',
          'deploy/settings.yaml': 'data:\n  A: b\n',
        },
      },
    };
    const file = await render(features, all(features));
    expect(file('package.json')).toBe(
      '{\n  "name": "x",\n  "files": ["dist", "sql"],\n  "dependencies": {\n    "fastify": "5.0.0",\n    "pg": "8.0.0",\n    "pino": "10.0.0"\n  }\n}\n',
    );
    expect(file('.env.example')).toBe('PORT=3000\n\n# Postgres\nDATABASE_URL=\n');
    expect(file('.gitignore')).toBe('dist/\n\ndata/\n');
    expect(file('deploy/kustomization.yaml')).toBe('# what is applied\nresources:\n  - service.yaml\n  - pg.yaml\n');
    expect(parse(file('deploy/settings.yaml') ?? '')).toEqual({ data: { A: 'b' } });
  });

  test('whose features contradict each other is a mistake in the templates that names file and field', async () => {
    const features = { pg: { merge: { 'package.json': '{ "dependencies": { "pino": "9.0.0" } }' } } };
    const error = await render(features, all(features)).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(TemplateError);
    expect(String(error)).toContain('templates/features/pg/merge/package.json: dependencies.pino');
  });

  test('has one set of files an instance, with the spellings of every name', async () => {
    const instances = {
      clients: [
        { name: 'stock-room', routes: ['find-item', 'list'] },
        { name: 'payments', routes: [] },
      ],
    };
    const file = await render({ clients }, { features: { clients: {} }, instances });
    expect(file('src/clients/stock-room.ts')).toBe('export const stockRoom = ["find-item", "list"];\n');
    expect(file('src/clients/payments.ts')).toBe('export const payments = [];\n');
    expect(file('.env.example')).toBe('PORT=3000\n\nSTOCK_ROOM_URL=\n\nPAYMENTS_URL=\n');
  });

  test('gets files for two features together only where it has both, and they replace those of the two', async () => {
    const features: Record<string, FeatureParts> = {
      example: { once: { 'src/orders.ts': 'in memory' } },
      pg: {
        once: { 'src/pg.ts': 'pg' },
        with: { example: { once: { 'src/orders.ts': 'in pg', 'src/sql.ts': 'sql' } } },
      },
    };
    const both = await render(features, all(features));
    expect([both('src/orders.ts'), both('src/sql.ts')]).toEqual(['in pg', 'sql']);
    const alone = await render(features, { features: { example: {} } });
    expect([alone('src/orders.ts'), alone('src/sql.ts')]).toEqual(['in memory', undefined]);
  });

  test('tells of its features in the README, and of what it calls and says in its marks', async () => {
    const tree = await renderTree(
      recordOf({
        features: { clients: {}, events: {} },
        instances: {
          clients: [{ name: 'payments', routes: [] }],
          events: [
            { name: 'orders-created', subject: 'orders.created', direction: 'publish' },
            { name: 'stock-low', subject: 'stock.low', direction: 'subscribe' },
          ],
        },
      }),
      templateSet(
        {
          'README.md.hbs': '{{#each features}}\n{{readme}}\n\n{{/each}}end\n',
          'marks.hbs': '{{marks.calls}}|{{marks.publishes}}|{{marks.subscribes}}|{{#if has.pg}}pg{{/if}}',
        },
        {
          clients: { ...clients, readme: '### Clients\n{{#each instances.clients}}\n- {{title}}\n{{/each}}\n' },
          pg: {},
          events: {
            manifest: {
              instances: {
                kind: 'events',
                noun: 'event',
                questions: [
                  { name: 'subject', message: 'Subject', kind: 'text' },
                  {
                    name: 'direction',
                    message: 'Direction',
                    kind: 'choice',
                    choices: [
                      { value: 'publish', title: 'Publish' },
                      { value: 'subscribe', title: 'Subscribe' },
                    ],
                  },
                ],
              },
            },
          },
        },
      ),
    );
    expect(tree.get('README.md')?.content).toBe('### Clients\n- Payments\n\n\n\nend\n');
    expect(tree.get('marks')?.content).toBe('payments|orders.created|stock.low|');
  });

  test('with an instance whose file is there already is a UserError', async () => {
    const features = { clients, other: { once: { 'src/clients/payments.ts': '' } } };
    const instances = { clients: [{ name: 'payments', routes: [] }] };
    expect((await userError(() => render(features, { ...all(features), instances }))).code).toBe('NAME_TAKEN');
  });
});
