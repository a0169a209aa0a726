import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import type { SagaStatus } from '../../src/platform/sagas/status.ts';
import { eventually } from './eventually.ts';
import type { StepService } from './step-service.ts';

/** Settings that make a test quick, and let every one of these services be `at` one place. An attempt is one call, as long as it takes. */
export const sagaEnv = (
  services: readonly string[],
  { url, rpcUrl = 'grpc://127.0.0.1:9' }: Pick<StepService, 'url' | 'rpcUrl'>,
  database: string,
): Record<string, string> => ({
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
        [`${prefix}_RPC_URL`, rpcUrl],
        [`${prefix}_DEADLINE_MS`, '60000'],
        [`${prefix}_ATTEMPT_MS`, '60000'],
        [`${prefix}_RETRIES`, '0'],
        [`${prefix}_BREAKER_FAILURES`, '1000000'],
      ];
    }),
  ),
});

/** Asks for a saga, and gives back whatever is answered. */
export const putSaga = (service: string, saga: { name: string }, id: string, input: unknown): Promise<Response> =>
  fetch(`${service}/v1/${saga.name}/${id}`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(input),
  });

/** Starts a saga. A refusal is the test's failure at once: waiting for that saga would only hide it. */
export async function startSaga(
  service: string,
  saga: { name: string },
  id: string,
  input: unknown,
): Promise<Response> {
  const response = await putSaga(service, saga, id, input);
  if (response.status !== 202) {
    assert.fail(`saga ${id} was not started, but answered ${response.status}: ${await response.text()}`);
  }
  return response;
}

export const sagaStatus = async (service: string, saga: { name: string }, id: string): Promise<SagaStatus> =>
  (await (await fetch(`${service}/v1/${saga.name}/${id}`)).json()) as SagaStatus;

/** Waits for the end of a saga. Another end than the expected one fails with what went wrong in the saga, not only here. */
export async function sagaEnds(
  service: string,
  saga: { name: string },
  id: string,
  expected: 'completed' | 'compensated' | 'stuck',
): Promise<SagaStatus> {
  const ended = await eventually(
    `saga ${id} ends`,
    async () => {
      const status = await sagaStatus(service, saga, id).catch(() => undefined);
      return status && ends.includes(status.state) ? status : undefined;
    },
    60_000,
  );
  assert.equal(ended.state, expected, `saga ${id} is ${ended.state}, not ${expected}${whyOf(ended)}`);
  return ended;
}

const ends: readonly SagaStatus['state'][] = ['completed', 'compensated', 'stuck'];

const whyOf = ({ failure, open = [], reason }: SagaStatus): string =>
  [...(failure ? [failure] : []), ...open]
    .map(({ step, message, attempts }) => `\n  ${step}: ${message} (attempt ${attempts})`)
    .concat(reason ? [`\n  ${reason}`] : [])
    .join('');

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
