import { join } from 'node:path';
import { expect, test } from 'vitest';
import check from '../../src/check/checks/communication-patterns.ts';
import { runChecks } from '../../src/check/run-checks.ts';
import { objectsIn, readFixture, snapshotOf } from './support/fixture.ts';
import { serviceOf, workload } from './support/shop-objects.ts';

const folder = join(import.meta.dirname, 'checks/communication-patterns');
const options = { startedAt: '', today: '2026-01-01', checks: [check] };

test('a service with gRPC beside HTTP offers both, each shown where it is', () => {
  const { results } = runChecks(readFixture(join(folder, 'pass.offers-http-and-grpc.yaml')), options);
  const it = results.find(({ subject }) => subject.name === 'it');
  expect(it?.message).toBe('offers http, grpc synchronously');
  expect(it?.evidence.map(({ object, value }) => `${object} ${value}`)).toEqual([
    'Service shop/it 80',
    'Service shop/it-rpc 50051',
  ]);
});

test('calls by HTTP and by gRPC to one service are two edges, each with its protocol and what shows it', () => {
  const env = `{ name: OTHER_URL, value: "http://other" }, { name: OTHER_RPC_URL, value: "grpc://other-rpc:50051" }`;
  const rpc =
    'apiVersion: v1\nkind: Service\nmetadata: { name: other-rpc }\nspec: { clusterIP: None, selector: { app: other }, ports: [{ name: rpc, port: 50051, appProtocol: grpc }] }\n---\n';
  const yaml =
    workload('it', `{ name: it, image: "shop/it:1", env: [${env}] }`) +
    serviceOf('it') +
    workload('other', '{ name: other, image: "shop/other:1" }') +
    serviceOf('other') +
    rpc;
  const { header, objects } = objectsIn(yaml);
  const { graph } = runChecks(snapshotOf(objects, header), options);
  const shown = graph.edges.map(({ from, to, protocol, evidence }) => [from, to, protocol, evidence[0]?.value]);
  expect(shown.sort()).toEqual([
    ['shop/it', 'shop/other', 'grpc', 'grpc://other-rpc:50051'],
    ['shop/it', 'shop/other', 'http', 'http://other'],
  ]);
});
