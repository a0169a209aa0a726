import { describe, expect, test } from 'vitest';
import { withAnswer } from '../../../src/generate/inputs/set-answer.ts';
import { settable } from '../../../src/generate/inputs/settable.ts';
import type { FeatureManifest } from '../../../src/generate/manifest.ts';
import { planChange } from '../../../src/generate/plan/plan-change.ts';
import { withoutOtherLocks } from '../../../src/generate/plan/without-other-locks.ts';
import { projectOf } from '../support/in-memory.ts';
import { recordOf } from '../support/records.ts';
import { templateSet } from '../support/sources.ts';
import { userError } from '../support/user-error.ts';

const feature = (id: string, questions: FeatureManifest['questions']): FeatureManifest => ({
  id,
  title: id,
  summary: id,
  selectable: true,
  requires: [],
  conflicts: [],
  questions,
});

const manifests = [
  feature('queue', [
    {
      name: 'queueKind',
      message: 'Kind',
      kind: 'choice',
      choices: [
        { value: 'a', title: 'A' },
        { value: 'b', title: 'B' },
      ],
      default: 'a',
    },
    { name: 'topics', message: 'Topics', kind: 'list', default: ['x'] },
    { name: 'strict', message: 'Strict', kind: 'confirm', default: false },
  ]),
  feature('absent', [{ name: 'other', message: 'Other', kind: 'text', default: 'x' }]),
];
const record = recordOf({ features: { queue: { queueKind: 'a', topics: ['x'], strict: false } } });
const set = (answer: string, value: string) => withAnswer(record, answer, value, manifests);

describe('an answer that is given anew', () => {
  test.each([
    ['name', 'orders', { name: 'orders' }],
    ['description', 'What it does', { description: 'What it does' }],
    ['context', 'sales', { context: 'sales' }],
    ['owner', 'sales-team', { owner: 'sales-team' }],
    ['package-manager', 'pnpm', { packageManager: 'pnpm' }],
    ['queue-kind', 'b', { features: { queue: { queueKind: 'b', topics: ['x'], strict: false } } }],
    ['topics', 'y, z', { features: { queue: { queueKind: 'a', topics: ['y', 'z'], strict: false } } }],
    ['strict', 'yes', { features: { queue: { queueKind: 'a', topics: ['x'], strict: true } } }],
  ])('%s %s changes that and nothing else', (answer, value, changed) => {
    expect(set(answer, value)).toEqual({ ...record, ...changed });
  });

  test('everything that can be set is tried here', () => {
    expect(settable(manifests)).toEqual([
      'name',
      'description',
      'context',
      'owner',
      'package-manager',
      'queue-kind',
      'topics',
      'strict',
      'other',
    ]);
  });

  test.each([
    ['name', 'Order Service', 'INVALID_NAME'],
    ['description', ' ', 'INVALID_VALUE'],
    ['context', 'a b', 'INVALID_VALUE'],
    ['owner', '"us"', 'INVALID_VALUE'],
    ['package-manager', 'yarn', 'INVALID_VALUE'],
    ['queue-kind', 'c', 'INVALID_VALUE'],
    ['topics', 'y,,y', 'INVALID_VALUE'],
    ['strict', 'perhaps', 'INVALID_VALUE'],
    ['other', 'y', 'ANSWER_WITHOUT_FEATURE'],
    ['ownr', 'us', 'UNKNOWN_ANSWER'],
    ['toString', 'us', 'UNKNOWN_ANSWER'],
  ])('%s "%s" is refused: %s', async (answer, value, code) => {
    const error = await userError(() => set(answer, value));
    expect(error.code).toBe(code);
    if (code === 'INVALID_VALUE') expect(error.fix).toContain(`msvc set ${answer} `);
  });
});

test('with another package manager the lock file of the one before goes, and no other', async () => {
  const templates = templateSet({ 'a.txt': 'one\n', 'z.txt': 'one\n' });
  const files = new Map([
    ['package-lock.json', '{}'],
    ['pnpm-lock.yaml', 'lockfileVersion: 9'],
    ['yarn.lock', '# theirs'],
  ]);
  const project = projectOf(files, recordOf());
  const plan = await planChange(project, { ...recordOf(), packageManager: 'pnpm' }, templates);
  const { changes } = await withoutOtherLocks(plan, project);
  expect(changes.filter(({ kind }) => kind === 'delete')).toEqual([
    { kind: 'delete', path: 'package-lock.json', before: '{}' },
  ]);
  expect(changes.map(({ path }) => path)).toEqual(changes.map(({ path }) => path).sort());
});
