import { expect, test } from 'vitest';
import { manifests, sourceTemplates } from '../../src/cli/templates/manifests.ts';
import { withInstance } from '../../src/generate/inputs/change-record.ts';
import { newRecord } from '../../src/generate/inputs/new-record.ts';
import { renderTree } from '../../src/generate/render/render-tree.ts';

// `order` is what everybody tries first.
test.each([
  ['aggregates', { name: 'order' }],
  ['sagas', { name: 'order', steps: ['charge-card@payments'] }],
])('%s called order have operations of their own beside the example', async (kind, instance) => {
  const wanted = { name: 'order-service', packageManager: 'npm', features: { example: {} } } as const;
  const made = newRecord(wanted, sourceTemplates.version, manifests);
  const record = withInstance(made, kind, instance, manifests);
  const contract = (await renderTree(record, sourceTemplates)).get('contracts/openapi.json')?.content ?? '';
  const ids = [...contract.matchAll(/"operationId": "(\w+)"/g)].map(([, id]) => id);
  expect(ids.length).toBeGreaterThan(3);
  expect(ids).toEqual([...new Set(ids)]);
});
