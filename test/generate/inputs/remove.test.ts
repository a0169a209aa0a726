import { describe, expect, test } from 'vitest';
import { manifests, sourceTemplates } from '../../../src/cli/templates/manifests.ts';
import { offeredFeatures } from '../../../src/cli/templates/offered-features.ts';
import { withFeature, withInstance } from '../../../src/generate/inputs/change-record.ts';
import { newRecord } from '../../../src/generate/inputs/new-record.ts';
import { withoutFeature, withoutInstance } from '../../../src/generate/inputs/remove.ts';
import { planChange } from '../../../src/generate/plan/plan-change.ts';
import { planNew } from '../../../src/generate/plan/plan-new.ts';
import { formatRecord, type ServiceRecord } from '../../../src/generate/record.ts';
import { projectOf, written } from '../support/in-memory.ts';
import { userError } from '../support/user-error.ts';

const record = newRecord(
  { name: 'order-service', packageManager: 'npm', features: {} },
  sourceTemplates.version,
  manifests,
);

const instanceOf = (kind: string): Parameters<typeof withInstance>[2] =>
  ({
    sagas: { name: 'checkout', steps: 'reserve-stock,charge-payment@payments' },
    events: { name: 'orders.created', direction: 'publish' },
  })[kind] ?? { name: 'thing' };

/** The record with an offered feature, and with an instance where it has some. */
const withOffered = (to: ServiceRecord, { id, instances }: (typeof manifests)[number]): ServiceRecord =>
  instances
    ? withInstance(to, instances.kind, instanceOf(instances.kind), manifests)
    : withFeature(to, id, {}, manifests);

/** Everything that can be removed is, until nothing is left. */
function emptied(from: ServiceRecord): ServiceRecord {
  for (const [kind, all] of Object.entries(from.instances))
    for (const { name } of all) {
      const less = attempt(() => withoutInstance(from, kind, name, manifests));
      if (less) return emptied(less);
    }
  for (const id of Object.keys(from.features)) {
    const less = attempt(() => withoutFeature(from, id, manifests));
    if (less) return emptied(less);
  }
  return from;
}

const attempt = (change: () => ServiceRecord): ServiceRecord | undefined => {
  try {
    return change();
  } catch {
    return undefined;
  }
};

describe('what was added and removed leaves no trace', () => {
  test.each(offeredFeatures.map((manifest) => [manifest.id, manifest] as const))('%s', async (_, manifest) => {
    const first = await planNew(record, sourceTemplates);
    const before = written(new Map(), first);
    const more = withOffered(record, manifest);
    const added = written(before, await planChange(projectOf(before, record), more, sourceTemplates));
    expect(added.size).toBeGreaterThan(before.size);
    const less = emptied(more);
    expect(formatRecord(less)).toBe(formatRecord(record));
    const after = written(added, await planChange(projectOf(added, more), less, sourceTemplates));
    expect(Object.fromEntries(after)).toEqual(Object.fromEntries(before));
  });
});

describe('what is needed is not removed', () => {
  const saga = withInstance(record, 'sagas', instanceOf('sagas'), manifests);

  test.each<[string, string, () => unknown, RegExp]>([
    [
      'a client that a step calls',
      'IN_USE',
      () => withoutInstance(saga, 'clients', 'payments', manifests),
      /"checkout"/,
    ],
    ['a feature that another requires', 'IN_USE', () => withoutFeature(saga, 'postgres', manifests), /"sagas"/],
    ['a feature with instances', 'IN_USE', () => withoutFeature(saga, 'sagas', manifests), /saga "checkout"/],
    [
      'one that is not there',
      'NO_SUCH_INSTANCE',
      () => withoutInstance(saga, 'sagas', 'checkuot', manifests),
      /checkout/,
    ],
    ['a feature that it has not', 'NO_SUCH_FEATURE', () => withoutFeature(saga, 'redis', manifests), /postgres/],
    ['no feature at all', 'UNKNOWN_FEATURE', () => withoutFeature(saga, 'redsi', manifests), /Known are/],
  ])('%s', async (_, code, remove, why) => {
    expect(await userError(remove)).toMatchObject({ code, why: expect.stringMatching(why) });
  });

  test('a feature that an answer of an instance needs', async () => {
    const event = withInstance(record, 'events', instanceOf('events'), manifests);
    expect((await userError(() => withoutFeature(event, 'postgres', manifests))).why).toContain('orders.created');
  });
});

test('an edited file stays, and is told', async () => {
  const client = withInstance(record, 'clients', { name: 'payments' }, manifests);
  const files = written(new Map(), await planNew(client, sourceTemplates));
  const path = 'src/clients/payments.ts';
  files.set(path, `${files.get(path)}// ours\n`);
  const plan = await planChange(
    projectOf(files, client),
    withoutInstance(client, 'clients', 'payments', manifests),
    sourceTemplates,
  );
  expect(plan.changes).toContainEqual({ kind: 'keep', path, reason: 'no longer generated, but edited by you' });
  expect(plan.changes).toContainEqual(
    expect.objectContaining({ kind: 'delete', path: 'src/settings/payments-client.ts' }),
  );
});
