import type { Check } from '../contract.ts';
import healthChecks from './health-checks.ts';

/** In the order of the checklist. */
export const checks: readonly Check[] = [healthChecks];
