import type { Gap } from '../../contract.ts';
import type { Sharing } from '../../inventory/data/shared-stores.ts';
import type { Facts } from '../../inventory/facts.ts';
import type { Component } from '../../inventory/graph/components.ts';
import { workloadParts } from '../../inventory/kubernetes/workloads.ts';
import { unread } from '../define/define-check.ts';
import { some } from './names.ts';
import type { Found } from './reasons.ts';

/** What all of them are said to use: "the same database (shop on maindb)". */
function whatOf({ kind, store, database, secret }: Sharing): string {
  if (secret)
    return `the ${kind === 'database' ? 'database' : 'store'} whose address is one key (${secret.key}) of the Secret ${secret.name}`;
  // A recording keeps a mark of the name, which says nothing to anybody.
  const isReadable = database !== undefined && !database.startsWith('redacted_');
  if (kind === 'database' || kind === 'parts')
    return isReadable ? `the same database (${database} on ${store})` : `the same database on ${store}`;
  return kind === 'schema' ? `different databases on ${store}` : store;
}

/** Who belongs together shares rightly; who says that he does, at his own risk. */
const together = {
  application: {
    status: 'note',
    reason: 'ONE_APPLICATION',
    rest: 'they are processes of one application: one image, released together',
    fix: '',
  },
  context: {
    status: 'warn',
    reason: 'SHARED_IN_CONTEXT',
    rest: 'they declare one context, and what one changes there the others get',
    fix: 'Let one of them own the data, or make them one service.',
  },
} as const;

const apart = {
  database: {
    status: 'fail',
    reason: 'SHARED_DATABASE',
    rest: 'what one changes there the others get; whether they use the same tables is not visible',
    fix: 'Give one of them the data and let the others ask it (or follow its events), or make them one service.',
  },
  parts: {
    status: 'warn',
    reason: 'SEPARATE_PARTS',
    rest: 'with schemas or logins of their own, as far as can be seen',
    fix: 'Give each service a database of its own, which can be restored and moved alone.',
  },
  schema: {
    status: 'warn',
    reason: 'SHARED_SERVER',
    rest: 'through one login as far as can be seen',
    fix: 'Give each service its own login and database, or a server of its own.',
  },
  server: {
    status: 'warn',
    reason: 'SHARED_STORE',
    rest: 'whether the data is separate is not visible',
    fix: 'Give each service its own login and database, or a server of its own.',
  },
} as const;

/** Labels of workloads say that they belong together; of those that only their pods name, nobody read them. */
const hiddenOf = (components: readonly Component[], facts: Facts): Gap[] =>
  components
    .filter(({ workloads }) => workloads.some(({ object }) => object === undefined))
    .flatMap(({ namespace }) => facts.ledger.gaps(workloadParts, namespace));

/** What one service and those that use its store are to each other. */
export function judgeSharing(sharing: Sharing, component: Component, facts: Facts): Found {
  const { kind, within, with: others, store, secret, evidence } = sharing;
  const isOne = within === 'application' || (within === 'context' && kind === 'database');
  const { status, reason, rest, fix } = isOne ? together[within] : apart[kind];
  const blind = isOne ? [] : hiddenOf([component, ...others], facts);
  const key = secret ? `${store}/${secret.key}` : store;
  if (blind.length > 0 && status !== 'note')
    return {
      ...unread(blind, `Nobody can say whether it and ${some(others.map(({ name }) => name))} are one application`),
      key,
    };
  return {
    status,
    reason,
    message: `it and ${some(others.map(({ name }) => name))} use ${whatOf(sharing)}: ${rest}`,
    evidence,
    fix,
    key,
  };
}
