import { bodyOf } from './body.ts';
import { eventually } from './eventually.ts';

// Tests wait for these answers: what a service depends on may be connected a moment after it listens, and on a busy
// machine may now and then need longer than a check gives it.

export const untilReady = (url: string): Promise<boolean> =>
  eventually('it is ready', async () => (await fetch(`${url}/health/ready`)).status === 200);

/** @returns the report: 200, with that status. */
export const untilHealth = (url: string, status: 'healthy' | 'degraded') =>
  eventually(`it is ${status}`, async () => {
    const response = await fetch(`${url}/health`);
    const report = await bodyOf(response);
    return response.status === 200 && report.status === status ? report : undefined;
  });
