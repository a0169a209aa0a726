import { expect, test } from 'vitest';
import { namedBy } from '../../../../src/check/inventory/breakers/own.ts';
import { buildFacts } from '../../../../src/check/inventory/facts.ts';
import { breakersIn } from '../../../../src/check/sources/probes/breakers.ts';
import { objectsIn, snapshotOf } from '../../support/fixture.ts';
import { serviceOf, workload } from '../../support/shop-objects.ts';

/** Hosts of the calls that a breaker of that name is taken to guard, where a service is told these addresses. */
function guarded(name: string, hosts: readonly string[]): string[] {
  const env = hosts.map((host, index) => `{ name: URL_${index}, value: "http://${host}" }`).join(', ');
  const targets = hosts.map((host) => {
    const [target = '', namespace = 'shop'] = host.split('.');
    const yaml = workload(target, `{ name: it, image: "shop/${target}:1" }`) + serviceOf(target);
    return objectsIn(yaml, namespace).objects;
  });
  const caller = objectsIn(workload('it', `{ name: it, image: "shop/it:1", env: [${env}] }`)).objects;
  const facts = buildFacts(snapshotOf([...caller, ...targets.flat()]));
  const [from] = facts.components.filter((component) => component.key === 'shop/it');
  const edges = from ? facts.edgesFrom(from) : [];
  expect(edges).toHaveLength(hosts.length);
  return namedBy({ library: 'resilience4j', name, metric: 'a' }, edges).map(({ host }) => host);
}

test.each([
  ['payments', ['payments', 'stock'], ['payments']],
  ['Payments', ['payments', 'stock'], ['payments']],
  ['paymentsService', ['payments', 'stock'], ['payments']],
  ['PaymentsClient#charge(String)', ['payments', 'stock'], ['payments']],
  ['stock-circuit-breaker', ['payments', 'stock-service'], ['stock-service']],
  ['http://payments:8080/v1', ['payments', 'stock'], ['payments']],
  ['http://…@payments/v1', ['payments', 'stock'], ['payments']],
  ['outbound|80||payments.billing.svc.cluster.local', ['payments', 'payments.billing'], ['payments.billing']],
  // The longer name is another service's.
  ['order-history', ['order', 'order-history'], ['order-history']],
  ['orderHistoryClient', ['order', 'order-history'], ['order-history']],
  ['payments-service', ['payments', 'payments-service'], ['payments-service']],
  // It could be either.
  ['paymentsClient', ['payments', 'payments-service'], []],
  ['payments', ['payments.eu', 'payments.us'], []],
  // Nobody's, by its name.
  ['backendA', ['payments', 'stock'], []],
  ['client', ['payments', 'stock'], []],
  ['paymentsDatabase', ['payments', 'stock'], []],
  ['', ['payments'], []],
])('"%s" among calls to %j guards %j', (name, hosts, expected) => {
  expect(guarded(name, hosts)).toEqual(expected);
});

test('what metrics call a breaker is what is compared', () => {
  const [breaker] = breakersIn('circuit{name="stockClient",event="fire"} 3\n', false);
  expect(guarded(breaker?.name ?? '', ['payments', 'stock'])).toEqual(['stock']);
});
