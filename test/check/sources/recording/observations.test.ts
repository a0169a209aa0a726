import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { PodObservation } from '../../../../src/check/contract.ts';
import { observationIn } from '../../../../src/check/sources/recording/observations.ts';
import { readRecording, writeRecording } from '../../../../src/check/sources/recording/recording.ts';
import { readFixture } from '../../support/fixture.ts';
import { observation } from '../../support/observation.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'msvc-observations-'));
});
afterEach(() => rm(folder, { recursive: true }));

const record = (observations: PodObservation[]) =>
  writeRecording({ ...readFixture('test/check/systems/demo.yaml'), observations }, folder);

test('what pods showed comes back as it was, and nothing where none was asked', async () => {
  await record([observation]);
  expect((await readRecording(folder)).observations).toEqual([observation]);
  const header = join(folder, 'recording.json');
  const { observations: _, ...rest } = JSON.parse(await readFile(header, 'utf8'));
  await writeFile(header, JSON.stringify(rest));
  expect((await readRecording(folder)).observations).toBeUndefined();
});

test('a login in a name, and who was refused, are not kept', async () => {
  const refused = {
    purpose: 'metrics' as const,
    request: 'GET /x',
    outcome: 'refused' as const,
    detail: 'User "alice" cannot get resource "pods/proxy"',
  };
  const breaker = { library: 'opossum' as const, name: 'http://me:hunter2@payments/v1?key=hunter2', metric: 'circuit' };
  await record([{ ...observation, answers: [refused], breakers: [breaker] }]);
  const text = await readFile(join(folder, 'observations.ndjson'), 'utf8');
  expect(text).not.toMatch(/alice|hunter2/);
  expect((await readRecording(folder)).observations?.[0]?.breakers?.[0]?.name).toBe('http://…@payments/v1');
});

test('a recording that lost some of it is refused', async () => {
  await record([observation, { ...observation, pod: 'orders-1' }]);
  await writeFile(join(folder, 'observations.ndjson'), `${JSON.stringify(observation)}\n`);
  await expect(readRecording(folder)).rejects.toMatchObject({ code: 'BROKEN_RECORDING' });
  await rm(join(folder, 'observations.ndjson'));
  await expect(readRecording(folder)).rejects.toMatchObject({ code: 'BROKEN_RECORDING' });
});

test('what has no right shape is never understood as more than it is', () => {
  expect(observationIn({ pod: 'orders-0' })).toBeUndefined();
  expect(observationIn([])).toBeUndefined();
  const strange = {
    namespace: 'shop',
    pod: 'orders-0',
    answers: [{ purpose: 'exec', request: 'x', outcome: 'answered' }, null, 'x'],
    breakers: [
      { library: 'mine', name: 'a', metric: 'b' },
      { library: 'opossum', name: 'a', metric: 'b', state: 'ok' },
    ],
    contract: { format: 'wsdl', version: '1' },
    health: { readiness: 1 },
    echoed: { correlation: [1] },
    logs: { lines: -1, json: 'many', fields: [], ours: { trace: 'yes' } },
  };
  expect(observationIn(strange)).toEqual({
    namespace: 'shop',
    pod: 'orders-0',
    container: '',
    answers: [],
    breakers: [{ library: 'opossum', name: 'a', metric: 'b' }],
    health: {},
    echoed: { correlation: [], trace: [] },
    logs: {
      lines: 0,
      json: 0,
      logfmt: 0,
      fields: { level: 0, time: 0, message: 0, service: 0, trace: 0, correlation: 0 },
      requests: 0,
      requestsWithId: 0,
      ours: { trace: false, correlation: false },
      sharedWith: [],
    },
  });
});
