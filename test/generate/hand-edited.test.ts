import { beforeAll, expect, test } from 'vitest';
import { readTemplates } from '../../src/generate/files/read-templates.ts';
import { withFeature, withInstance } from '../../src/generate/inputs/change-record.ts';
import { newRecord } from '../../src/generate/inputs/new-record.ts';
import type { FeatureManifest } from '../../src/generate/manifest.ts';
import { conflictsOf, isEmptyPlan } from '../../src/generate/plan/plan.ts';
import { planChange } from '../../src/generate/plan/plan-change.ts';
import { planNew } from '../../src/generate/plan/plan-new.ts';
import type { Instance, ServiceRecord } from '../../src/generate/record.ts';
import type { TemplateSet } from '../../src/generate/render/template-set.ts';
import { type Files, projectOf, written } from './support/in-memory.ts';

let templates: TemplateSet;
let manifests: FeatureManifest[];

beforeAll(async () => {
  templates = await readTemplates(new URL('../../templates', import.meta.url).pathname, '1.0.0');
  manifests = templates.features.map(({ manifest }) => manifest);
});

/** What a person writes: each text is in its file from then on, whatever is added. */
type Edit = readonly [path: string, find: string, replace: string];

const edits: readonly Edit[] = [
  ['package.json', '"scripts": {', '"scripts": {\n    "mine": "node mine.mjs",'],
  ['README.md', '# order-service\n', '# order-service\n\nAsk the order team.\n'],
  ['.env.example', '', '# My own\nMINE=1\n'],
  ['deploy/base/settings.yaml', 'data:\n', 'data:\n  # Ours\n  OUR_SETTING: "1"\n'],
  ['src/orders/order.ts', "status: 'placed';", "status: 'placed';\n  note?: string;"],
  ['src/routes/v1/orders/index.ts', "summary: 'One order'", "summary: 'An order of ours'"],
];

/** What is added, and what the person does to it before the next is added. */
type Step = { kind: string; instance: Instance; edits?: readonly Edit[] } | { feature: string; edits?: undefined };

const steps: readonly Step[] = [
  {
    kind: 'events',
    instance: { name: 'orders.created', direction: 'publish' },
    edits: [
      ['src/events/orders.created.ts', 'note: Type', 'total: Type.Integer(),\n    note: Type'],
      ['contracts/asyncapi.yaml', '  title: order-service\n', '  title: order-service\n  contact: { name: Orders }\n'],
    ],
  },
  {
    kind: 'aggregates',
    instance: { name: 'cart', events: ['ItemAdded', 'OrderSubmitted'] },
    edits: [
      ['src/aggregates/cart/cart.ts', 'return [command];', 'return [command, command];'],
      ['src/projections/cart-published.ts', '= {};', '= { OrderSubmitted: tell };'],
    ],
  },
  { kind: 'sagas', instance: { name: 'checkout', steps: ['reserve-stock', 'charge-payment'] } },
  {
    kind: 'events',
    instance: { name: 'payments.captured', direction: 'subscribe' },
    edits: [['src/events/payments.captured.ts', '// The effect goes here', '// Ours']],
  },
  { kind: 'events', instance: { name: 'orders.viewed', direction: 'direct' } },
  { kind: 'aggregates', instance: { name: 'wish-list', events: ['ItemAdded'] } },
  // It also changes the routes that the person has edited.
  { feature: 'auth' },
];

function edit(files: Files, all: readonly Edit[]): void {
  for (const [path, find, replace] of all) {
    const text = files.get(path);
    expect(text, path).toContain(find);
    files.set(path, find === '' ? `${text}${replace}` : (text ?? '').replace(find, replace));
  }
}

test('events, aggregates, sagas and authentication are added to a service that people edit all the while: no conflict, no lost line', async () => {
  const fields = { name: 'order-service', packageManager: 'npm', features: { example: {}, delivery: {} } } as const;
  let record: ServiceRecord = newRecord(fields, templates.version, manifests);
  let files = written(new Map(), await planNew(record, templates));
  const made: Edit[] = [];
  const person = (more: readonly Edit[] = []): void => {
    edit(files, more);
    made.push(...more);
  };
  person(edits);
  for (const step of steps) {
    const name = 'feature' in step ? step.feature : step.instance.name;
    const wanted =
      'feature' in step
        ? withFeature(record, step.feature, {}, manifests)
        : withInstance(record, step.kind, step.instance, manifests);
    const plan = await planChange(projectOf(files, record), wanted, templates);
    expect(conflictsOf(plan), name).toEqual([]);
    files = written(files, plan);
    record = plan.record;
    for (const [path, , replace] of made) {
      for (const line of replace.split('\n').filter((text) => text.trim() !== ''))
        expect(files.get(path), `${path} after ${name}`).toContain(line.trim().replace(/,$/, ''));
    }
    expect(isEmptyPlan(await planChange(projectOf(files, record), record, templates)), name).toBe(true);
    person(step.edits);
  }
});

const shared = ['.env.example', 'deploy/base/network.yaml', 'deploy/base/settings.yaml'];
const rule = '    - ports:\n        - { protocol: TCP, port: 587 }\n';
const headingsOf = (text: string): string[] => text.match(/^ *# --- .*$/gm) ?? [];

test.each<[string, readonly Edit[]]>([
  [
    'at the end',
    [
      ['.env.example', '', '\n# Ours\nMINE=1\n'],
      ['deploy/base/network.yaml', '', `    # Ours\n${rule}`],
      ['deploy/base/settings.yaml', '', '  # Ours\n  MINE: "1"\n'],
    ],
  ],
  [
    'where something is added next',
    [
      ['.env.example', '# --- NATS\n', '# --- NATS\n# Ours\nMINE=1\n'],
      ['deploy/base/network.yaml', '    # --- Redis.\n', `    # --- Redis.\n    # Ours\n${rule}`],
      ['deploy/base/settings.yaml', '  # --- NATS.\n', '  # --- NATS.\n  # Ours\n  MINE: "1"\n'],
    ],
  ],
])('what people put into shared files %s stays, and every heading is there once', async (_, all) => {
  const fields = { name: 'order-service', packageManager: 'npm', features: { example: {} } } as const;
  let record: ServiceRecord = newRecord(fields, templates.version, manifests);
  let files = written(new Map(), await planNew(record, templates));
  edit(files, all);
  const before = new Map(shared.map((path) => [path, headingsOf(files.get(path) ?? '')]));
  for (const change of [
    (one: ServiceRecord) => withFeature(one, 'redis', {}, manifests),
    (one: ServiceRecord) => withInstance(one, 'events', { name: 'orders.created', direction: 'publish' }, manifests),
    (one: ServiceRecord) => withInstance(one, 'clients', { name: 'payments' }, manifests),
  ]) {
    const plan = await planChange(projectOf(files, record), change(record), templates);
    expect(conflictsOf(plan)).toEqual([]);
    files = written(files, plan);
    record = plan.record;
    for (const path of shared) {
      const text = files.get(path) ?? '';
      expect(text, path).toContain('# Ours\n');
      expect(headingsOf(text), path).toEqual(before.get(path));
    }
  }
});
