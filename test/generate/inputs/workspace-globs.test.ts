import { expect, test } from 'vitest';
import { listsFolder } from '../../../src/generate/inputs/workspace-globs.ts';

test.each<[string[], string, boolean]>([
  [['services/*'], 'services/orders', true],
  [['./services/*/'], 'services/orders', true],
  [['services/*'], 'services/a/orders', false],
  [['services/*'], 'services', false],
  [['services/**'], 'services/a/orders', true],
  [['services/**'], 'services/orders', true],
  [['**/orders'], 'a/b/orders', true],
  [['**/orders'], 'orders', true],
  [['{apps,services}/*'], 'services/orders', true],
  [['{apps,libs}/*'], 'services/orders', false],
  [['services/orders'], 'services/orders', true],
  [['services/orders'], 'services/orders-old', false],
  [['services/*', '!services/orders'], 'services/orders', false],
  [['services/*', '!**/old-*', 'services/old-orders'], 'services/old-orders', true],
  [['services.v1/*'], 'servicesxv1/orders', false],
  [['service?/orders'], 'services/orders', true],
  [['(a+)+$', '[', '{', 'services/{'], 'services/orders', false],
  [['services**/orders'], 'services/orders', false],
  // With a matcher that tries again and again these take for ever.
  [[`${'**/'.repeat(24)}x`], 'a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p/q/r', false],
  [[`${'*a'.repeat(12)}b`], 'a'.repeat(60), false],
  [[`${'*'.repeat(60)}b`], 'a'.repeat(60), false],
  [[], 'services/orders', false],
])('%j has %s as a member: %s', (globs, folder, listed) => {
  expect(listsFolder(globs, folder)).toBe(listed);
});
