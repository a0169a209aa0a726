import { expect, test } from 'vitest';
import type { ProbePurpose } from '../../../../src/check/contract.ts';
import { shownBy } from '../../../../src/check/sources/probes/shown.ts';

const ours = { trace: '0af7651916cd43dd8448eb211c80319c', correlation: '5b0c2e0e-6a5b-4ec4-8d0c-0b8d2f7f3f10' };

const shown = (purpose: ProbePurpose, body: string, { status = 200, headers = {}, cut = false } = {}) =>
  shownBy(
    [
      {
        answer: { purpose, request: '', outcome: 'answered', status, ...(cut ? { cut: true as const } : {}) },
        app: { headers, body },
      },
    ],
    ours,
  );

test.each([
  ['{"status":"healthy","checks":{}}', 'healthy'],
  ['{"status":"UP"}', 'UP'],
  ['{"status":"token=hunter2"}', undefined],
  ['{"status":{"a":1}}', undefined],
  ['OK', undefined],
])('health that says %s', (body, said) => {
  expect(shown('readiness', body).health?.readiness).toBe(said);
});

test.each([
  ['{"openapi":"3.1.0","info":{"title":"a","version":"1.4.0"}}', { format: 'openapi', version: '1.4.0' }],
  ['{"swagger":"2.0","info":{}}', { format: 'swagger' }],
  ['{"asyncapi":"3.0.0","info":{"version":"not a version, but hunter2"}}', { format: 'asyncapi' }],
  ['{"error":"no"}', undefined],
  ['<html>', undefined],
])('the contract %s', (body, contract) => {
  expect(shown('contract', body).contract).toEqual(contract);
});

test('the top of a contract that is longer than what is read', () => {
  const top = '{"openapi":"3.0.3","info":{"title":"a","version":"2.0.0"},"paths":{"/v1/or';
  expect(shown('contract', top, { cut: true }).contract).toEqual({ format: 'openapi', version: '2.0.0' });
  expect(shown('contract', '{"paths":{"/v1', { cut: true }).contract).toBeUndefined();
});

test('what answers with an error shows neither contract nor breakers', () => {
  expect(shown('contract', '{"openapi":"3.1.0"}', { status: 404 })).toEqual({});
  expect(shown('metrics', 'http_client_circuit{peer_service="a"} 0', { status: 401 })).toEqual({});
});

test('metrics that tell of no breaker were read all the same', () => {
  expect(shown('metrics', 'up 1\n').breakers).toEqual([]);
});

test('headers in which our ids came back', () => {
  const headers = { 'x-correlation-id': ours.correlation, traceresponse: `00-${ours.trace}-1-01`, server: 'a' };
  expect(shown('nowhere', '', { status: 404, headers }).echoed).toEqual({
    correlation: ['x-correlation-id'],
    trace: ['traceresponse'],
  });
});
