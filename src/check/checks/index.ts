import apiGateway from './api-gateway.ts';
import centralizedLogging from './centralized-logging.ts';
import circuitBreakers from './circuit-breakers.ts';
import communicationPatterns from './communication-patterns.ts';
import contracts from './contracts.ts';
import correlationIds from './correlation-ids.ts';
import type { Check } from './define/check.ts';
import deploymentAutomation from './deployment-automation.ts';
import designForFailure from './design-for-failure.ts';
import distributedTracing from './distributed-tracing.ts';
import healthChecks from './health-checks.ts';
import idempotency from './idempotency.ts';
import independentDelivery from './independent-delivery.ts';
import serviceBoundaries from './service-boundaries.ts';
import serviceDiscovery from './service-discovery.ts';

/** In the order of the checklist, and then of the best practices. */
export const checks: readonly Check[] = [
  serviceBoundaries,
  communicationPatterns,
  serviceDiscovery,
  circuitBreakers,
  healthChecks,
  distributedTracing,
  centralizedLogging,
  apiGateway,
  deploymentAutomation,
  designForFailure,
  idempotency,
  correlationIds,
  contracts,
  independentDelivery,
];
