import type { PodObservation } from '../../../src/check/contract.ts';

const proxy = 'GET /api/v1/namespaces/shop/pods/orders-0:3000/proxy';

/** A pod that was asked everything, and showed everything. */
export const observation: PodObservation = {
  namespace: 'shop',
  pod: 'orders-0',
  container: 'orders',
  answers: [
    { purpose: 'readiness', request: `${proxy}/health/ready`, outcome: 'answered', status: 200 },
    { purpose: 'liveness', request: `${proxy}/health/live`, outcome: 'answered', status: 200 },
    { purpose: 'metrics', request: `${proxy}/metrics`, outcome: 'answered', status: 200, cut: true },
    { purpose: 'contract', request: `${proxy}/openapi.json`, outcome: 'refused', status: 403, detail: 'by the mesh' },
    { purpose: 'nowhere', request: `${proxy}/nowhere`, outcome: 'answered', status: 404 },
    { purpose: 'logs', request: 'GET /api/v1/namespaces/shop/pods/orders-0/log', outcome: 'not-asked' },
  ],
  health: { readiness: 'healthy', liveness: 'healthy', startup: 'healthy' },
  breakers: [{ library: 'msvc', name: 'payments', state: 'closed', metric: 'http_client_circuit' }],
  contract: { format: 'openapi', version: '1.0.0' },
  echoed: { correlation: ['x-correlation-id'], trace: ['traceresponse'] },
  logs: {
    lines: 50,
    json: 50,
    logfmt: 0,
    fields: { level: 50, time: 50, message: 50, service: 50, trace: 48, correlation: 48 },
    requests: 48,
    requestsWithId: 48,
    ours: { trace: true, correlation: true },
    sharedWith: ['shop/payments-0'],
  },
};
