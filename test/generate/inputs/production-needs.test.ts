import { expect, test } from 'vitest';
import { manifests, sourceTemplates } from '../../../src/cli/templates/manifests.ts';
import { withFeature, withInstance } from '../../../src/generate/inputs/change-record.ts';
import { newRecord } from '../../../src/generate/inputs/new-record.ts';
import { productionNeeds } from '../../../src/generate/inputs/production-needs.ts';
import { renderTree } from '../../../src/generate/render/render-tree.ts';

const bare = newRecord({ name: 'order-service', packageManager: 'npm', features: {} }, '1.0.0', manifests);

test('what is added says what it needs, and says it once', () => {
  const withOne = withInstance(bare, 'clients', { name: 'user-accounts' }, manifests);
  expect(productionNeeds(bare, withOne, manifests)).toEqual([
    'a Service called user-accounts beside it, or USER_ACCOUNTS_URL in deploy/base/settings.yaml',
  ]);
  const withRpc = withInstance(withOne, 'clients', { name: 'stock', contract: 'grpc' }, manifests);
  expect(productionNeeds(withOne, withRpc, manifests)).toEqual([
    'a headless Service called stock-rpc beside it, or STOCK_RPC_URL in deploy/base/settings.yaml',
  ]);
  const withData = withFeature(withOne, 'postgres', {}, manifests);
  expect(productionNeeds(withOne, withData, manifests)).toEqual([
    'DATABASE_URL, a key of the Secret order-service-secrets',
  ]);
  expect(productionNeeds(withData, withData, manifests)).toEqual([]);
});

test('what is needed is a setting of the service, in a place that is there', async () => {
  const everything = withInstance(
    manifests.reduce((record, { id }) => withFeature(record, id, {}, manifests), bare),
    'clients',
    { name: 'payments' },
    manifests,
  );
  const needs = productionNeeds(bare, everything, manifests);
  expect(needs.length).toBeGreaterThan(4);
  const files = await renderTree(everything, sourceTemplates);
  const settings = [...files].filter(([path]) => path.startsWith('src/settings/')).map(([, { content }]) => content);
  const isSetting = (name: string) =>
    settings.some(
      (text) => text.includes(`'${name}'`) || text.includes(`clientSettings('${name.replace(/_URL$/, '')}'`),
    );
  for (const need of needs) {
    expect(need).not.toMatch(/[{}]/);
    for (const [name] of need.matchAll(/\b[A-Z]+(?:_[A-Z]+)+\b/g)) expect(isSetting(name), name).toBe(true);
    for (const [path] of need.matchAll(/deploy\/\S+\.yaml/g))
      expect([...files.keys()]).toContain(path.replace('<environment>', 'production'));
    if (need.includes('Secret'))
      expect(files.get('deploy/base/deployment.yaml')?.content).toContain(need.split(' ').at(-1));
  }
});
