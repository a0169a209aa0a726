import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { breakersIn } from '../../../../src/check/sources/probes/breakers.ts';
import { samplesIn } from '../../../../src/check/sources/probes/exposition.ts';

describe('samples', () => {
  test.each([
    ['a 1', { name: 'a', labels: {}, value: 1 }],
    ['a{} 1.5 1395066363000', { name: 'a', labels: {}, value: 1.5 }],
    ['a{b="c",} 1.0', { name: 'a', labels: { b: 'c' }, value: 1 }],
    ['a{b="c", d="e f"}   +Inf', { name: 'a', labels: { b: 'c', d: 'e f' }, value: Number.NaN }],
    [String.raw`a{b="q\"}\\n\n"} 2`, { name: 'a', labels: { b: 'q"}\\n\n' }, value: 2 }],
    ['a_bucket{le="1"} 3 # {trace_id="x"} 0.5', { name: 'a_bucket', labels: { le: '1' }, value: 3 }],
  ])('%s', (line, sample) => {
    expect([...samplesIn(line)]).toEqual([sample]);
  });

  test('passes over what is none', () => {
    expect([...samplesIn('# HELP a b\n# TYPE a gauge\n\n<html>\n{"a": 1}\na\n# EOF\n')]).toEqual([]);
  });

  test('the last line of a text that was cut is none', () => {
    expect([...samplesIn('a 1\nb 12', true)]).toEqual([{ name: 'a', labels: {}, value: 1 }]);
  });
});

// As opossum 9.0 with opossum-prometheus 0.3 writes it, after one call that went well and three of another that did not.
const opossum = `
# HELP circuit A count of all circuit' events
# TYPE circuit counter
circuit{name="payments",event="fire"} 1
circuit{name="payments",event="success"} 1
circuit{name="inventoryClient",event="fire"} 3
circuit{name="inventoryClient",event="failure"} 1
circuit{name="inventoryClient",event="open"} 1
circuit{name="inventoryClient",event="reject"} 2
# HELP circuit_perf A summary of all circuit's events
# TYPE circuit_perf summary
circuit_perf{quantile="0.5",name="payments",event="success"} 1
circuit_perf_sum{name="payments",event="success"} 1
circuit_perf_count{name="payments",event="success"} 1
`;

// As the clients of a generated service write it: cockatiel behind a gauge for each target.
const generated = `
# HELP http_client_circuit Circuit breaker: 0 closed, 1 half-open, 2 open
# TYPE http_client_circuit gauge
http_client_circuit{peer_service="payments"} 0
http_client_circuit{peer_service="stock"} 1
# TYPE rpc_client_circuit gauge
rpc_client_circuit{peer_service="stock"} 2
`;

// Micrometer's form of resilience4j's TaggedCircuitBreakerMetrics.
const resilience4j = `
# TYPE resilience4j_circuitbreaker_state gauge
resilience4j_circuitbreaker_state{group="none",name="paymentsService",state="closed",} 0.0
resilience4j_circuitbreaker_state{group="none",name="paymentsService",state="half_open",} 0.0
resilience4j_circuitbreaker_state{group="none",name="paymentsService",state="forced_open",} 1.0
resilience4j_circuitbreaker_state{group="none",name="stock",state="closed",} 0.0
resilience4j_circuitbreaker_state{group="none",name="stock",state="disabled",} 1.0
resilience4j_circuitbreaker_calls_seconds_count{kind="successful",name="stock",} 4.0
resilience4j_retry_calls{kind="failed_with_retry",name="retriesOnly",} 0.0
`;

// Meters of Polly 8 by an exporter for Prometheus, which writes dots as underscores.
const polly = `
resilience_polly_strategy_events_total{event_name="OnCircuitOpened",event_severity="Error",pipeline_name="payments-standard",strategy_name="CircuitBreaker"} 1
resilience_polly_strategy_events_total{event_name="OnRetry",event_severity="Warning",pipeline_name="stock",strategy_name="Retry"} 7
`;

const microProfile = `
ft_circuitbreaker_calls_total{circuitBreakerResult="success",method="org.acme.PaymentsClient.charge"} 3
ft_retry_calls_total{method="org.acme.Other.call"} 3
`;

const envoy = `
envoy_cluster_circuit_breakers_default_cx_open{envoy_cluster_name="stock"} 0
envoy_cluster_outlier_detection_ejections_active{cluster_name="outbound|80||payments.shop.svc.cluster.local"} 0
envoy_cluster_outlier_detection_ejections_total{cluster_name="outbound|80||payments.shop.svc.cluster.local"} 2
envoy_cluster_outlier_detection_ejections_active{cluster_name="inbound|3000||"} 0
`;

describe('breakers', () => {
  const of = (text: string): string[] =>
    breakersIn(text, false).map(({ library, name, state = '?' }) => `${library} ${name}: ${state}`);

  test.each([
    ['opossum', opossum, ['opossum inventoryClient: open', 'opossum payments: closed']],
    ['a generated service', generated, ['msvc payments: closed', 'msvc stock: half-open', 'msvc stock: open']],
    ['resilience4j', resilience4j, ['resilience4j paymentsService: open', 'resilience4j stock: off']],
    ['Polly', polly, ['Polly payments-standard: open']],
    ['MicroProfile', microProfile, ['MicroProfile org.acme.PaymentsClient.charge: ?']],
    ['Envoy, whose circuit breakers are limits', envoy, ['Envoy outbound|80||payments.shop.svc.cluster.local: closed']],
  ])('of %s', (_, text, expected) => {
    expect(of(text)).toEqual(expected);
  });

  // Scraped from the programs themselves, in each of their states; of a scrape only what tells of breakers, and neighbours.
  const scraped = (file: string): string => readFileSync(join(import.meta.dirname, 'metrics', file), 'utf8');

  test('of a scraped Envoy 1.40.0, which puts the end of a name with dots into the name of the metric', () => {
    expect(of(scraped('envoy-1.40.0.txt'))).toEqual(['Envoy outbound|80||payments.shop.svc.cluster.local: ?']);
    expect(of(scraped('envoy-1.40.0.txt').replaceAll(/_active(.*) 1$/gm, '_active$1 0'))).toEqual([
      'Envoy outbound|80||payments.shop.svc.cluster.local: closed',
    ]);
  });

  test('of Envoy, a dash that cannot be told from a dot stays what it became', () => {
    expect(
      of('envoy_cluster_my_shop_svc_cluster_local_outlier_detection_ejections_active{envoy_cluster_name="pay"} 0'),
    ).toEqual(['Envoy pay.my_shop.svc.cluster.local: closed']);
  });

  test('of a scraped resilience4j 2.3.0', () => {
    expect(of(scraped('resilience4j-2.3.0.txt'))).toEqual([
      'resilience4j mail: off',
      'resilience4j payments: closed',
      'resilience4j prices: half-open',
      'resilience4j quotes: off',
      'resilience4j search: open',
      'resilience4j stock: open',
    ]);
  });

  test('of resilience4j none, where the text ends before its states: one that is switched off looks the same', () => {
    const text = scraped('resilience4j-2.3.0.txt');
    const before = text.slice(0, text.indexOf('resilience4j_circuitbreaker_state{'));
    expect(before).toContain('name="mail"');
    expect(breakersIn(before, true)).toEqual([]);
  });

  test('of an older resilience4j, whose state is a number', () => {
    expect(of('resilience4j_circuitbreaker_state{name="a"} 1.0')).toEqual(['resilience4j a: open']);
  });

  test('opossum that opened and closed again may be either, and a prefix is no matter', () => {
    const text = ['fire', 'open', 'halfOpen', 'close'].map((event) => `shop_circuit{name="a",event="${event}"} 1`);
    expect(of(text.join('\n'))).toEqual(['opossum a: ?']);
  });

  test('a login in a name is not kept, and the rest still names the target', () => {
    const metrics = 'http_client_circuit{peer_service="http://me:hunter2@payments/v1?key=hunter2"} 0';
    expect(of(metrics)).toEqual(['msvc http://…@payments/v1: closed']);
  });

  test.each([
    ['circuit{name="a",event="lap"} 1', 'a race track'],
    ['http_client_circuit 0', 'no target'],
    ['resilience_polly_strategy_events_total{event_name="OnTimeout",pipeline_name="a"} 1', 'a timeout'],
  ])('none in %s: %s', (text) => {
    expect(of(text)).toEqual([]);
  });
});
