import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import type { SagaStatus } from '../../src/platform/sagas/status.ts';
import { eventually } from './eventually.ts';

/** Settings that make a test quick, and let every one of these services be at `url`. An attempt is one call, as long as it takes. */
export const sagaEnv = (services: readonly string[], url: string, database: string): Record<string, string> => ({
  DATABASE_URL: database,
  SAGA_LEASE_MS: '3000',
  SAGA_RETRY_DELAY_MS: '20',
  SAGA_COMPENSATION_ATTEMPTS: '4',
  SAGA_DRAIN_MS: '0',
  ...Object.fromEntries(
    services.flatMap((service) => {
      const prefix = service.replaceAll('-', '_').toUpperCase();
      return [
        [`${prefix}_URL`, url],
        [`${prefix}_DEADLINE_MS`, '60000'],
        [`${prefix}_ATTEMPT_MS`, '60000'],
        [`${prefix}_RETRIES`, '0'],
        [`${prefix}_BREAKER_FAILURES`, '1000000'],
      ];
    }),
  ),
});

export const startSaga = (service: string, saga: { name: string }, id: string, input: unknown): Promise<Response> =>
  fetch(`${service}/v1/${saga.name}/${id}`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(input),
  });

export const sagaStatus = async (service: string, saga: { name: string }, id: string): Promise<SagaStatus> =>
  (await (await fetch(`${service}/v1/${saga.name}/${id}`)).json()) as SagaStatus;

/** Waits until the saga is in one of these states. */
export const sagaEnds = (
  service: string,
  saga: { name: string },
  id: string,
  states: readonly SagaStatus['state'][] = ['completed', 'compensated', 'stuck'],
): Promise<SagaStatus> =>
  eventually(
    `saga ${id} is ${states.join(' or ')}`,
    async () => {
      const status = await sagaStatus(service, saga, id).catch(() => undefined);
      return status && states.includes(status.state) ? status : undefined;
    },
    60_000,
  );

/** `npm run sagas`, as a person would run it. */
export async function sagasCommand(
  env: NodeJS.ProcessEnv,
  ...args: string[]
): Promise<{ status: number | null; output: string }> {
  const child = spawn(process.execPath, ['--import', 'tsx', 'src/sagas-command.ts', ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  return { output: await text(child.stdout), status: await exited };
}
