import { describe, expect, test } from 'vitest';
import apiGateway from '../../../../src/check/checks/api-gateway.ts';
import { buildFacts } from '../../../../src/check/inventory/facts.ts';
import { objectsIn, snapshotOf } from '../../support/fixture.ts';
import { workload } from '../../support/shop-objects.ts';
import { verdictOf } from '../../support/verdict-of.ts';

const pods = (name: string, labels: string) =>
  workload(name, `{ name: app, image: "shop/${name}:1", ports: [{ name: http, containerPort: 8080 }] }`).replaceAll(
    `{ app: ${name} }`,
    `{ ${labels} }`,
  );
const door = (name: string, selector: string, spec = '', port = '{ port: 80 }') =>
  `apiVersion: v1\nkind: Service\nmetadata: { name: ${name} }\nspec: { selector: { ${selector} }, ports: [${port}]${spec} }\n---\n`;

/** "web: web web-v2 | orders: orders all": each component with its Services and those that it shares. */
const componentsOf = (yaml: string): string => {
  const { header, objects } = objectsIn(yaml);
  const { components } = buildFacts(snapshotOf(objects, header));
  return components
    .map(
      ({ name, services, sharedServices }) =>
        `${name}: ${[...services, ...sharedServices].map(({ metadata }) => metadata.name).join(' ')}`,
    )
    .join(' | ');
};

const versions = (key: string) =>
  pods('web', 'app: web, version: v1') +
  pods('next', 'app: web, version: v2') +
  door('site-v1', `${key}: web, version: v1`) +
  door('site-v2', `${key}: web, version: v2`);
const two = (label: string) =>
  pods('cart', `app: cart, ${label}`) +
  pods('it', `app: it, ${label}`) +
  door('cart', 'app: cart') +
  door('it', 'app: it');

describe('a Service over workloads that have Services of their own', () => {
  test.each([
    ['versions of one service', versions('app') + door('site', 'app: web'), 'site: site site-v1 site-v2'],
    [
      'versions, with a Service over all of the shop',
      (versions('app') + door('site', 'app: web') + door('all', 'part-of: shop')).replaceAll(
        'labels: { app: web',
        'labels: { part-of: shop, app: web',
      ),
      'site: site site-v1 site-v2 all',
    ],
    [
      'parts of one application',
      pods('shop-cart', 'app: shop, component: cart') +
        pods('shop-it', 'app: shop, component: it') +
        door('shop-cart', 'app: shop, component: cart') +
        door('shop-it', 'app: shop, component: it') +
        door('shop', 'app: shop'),
      'shop-cart: shop-cart shop | shop-it: shop-it shop',
    ],
    ['one label of all', two('part-of: shop') + door('shop', 'part-of: shop'), 'cart: cart shop | it: it shop'],
    [
      'names that begin alike',
      two('part-of: i').replaceAll('cart', 'itself') + door('i', 'part-of: i'),
      'it: it i | itself: itself i',
    ],
    [
      'a port that only one has',
      two('part-of: shop').replace('name: http', 'name: metrics') +
        door('shop', 'part-of: shop', '', '{ port: 9090, targetPort: metrics }'),
      'cart: cart shop | it: it',
    ],
  ])('%s', (_, yaml, said) => {
    expect(componentsOf(yaml)).toBe(said);
  });

  test('is a way in to each of them', () => {
    const shop = two('part-of: shop') + door('shop', 'part-of: shop', ', type: NodePort');
    expect(verdictOf(shop, apiGateway)).toBe('fail EXPOSED_DIRECTLY');
    const it = versions('app').replaceAll('site-v1', 'other') + door('it', 'app: web', ', type: NodePort');
    expect(verdictOf(it, apiGateway)).toBe('fail EXPOSED_DIRECTLY');
  });
});
