import { label } from '../../marks.ts';
import { append } from '../../multimap.ts';
import type { Evidence } from '../contract.ts';
import { isDatabaseLogin, meaningOf } from '../inventory/configuration/secret-names.ts';
import type { SecretUse } from '../inventory/configuration/settings.ts';
import { type Offer, offersOf, type Sharing, sharingOf } from '../inventory/data/shared-stores.ts';
import { volumesShared } from '../inventory/data/shared-volumes.ts';
import { boundedContextOf } from '../inventory/declared/bounded-context.ts';
import type { Facts } from '../inventory/facts.ts';
import type { Component } from '../inventory/graph/components.ts';
import { circleThrough, synchronousCalls, synchronousCycles } from '../inventory/graph/cycles.ts';
import { nameOf } from '../inventory/kubernetes/types.ts';
import { readyPods, workloadName } from '../inventory/kubernetes/workloads.ts';
import { perRun } from '../inventory/per-run.ts';
import { daprChannel } from '../inventory/traffic/dapr.ts';
import { hasReadyEndpoints } from '../inventory/traffic/endpoint-slices.ts';
import { defineCheck, notApplicable, unread } from './define/define-check.ts';
import { patchOf } from './define/patch.ts';
import { unclearClass } from './define/unclear-class.ts';
import { type Found, type Judgement, reasons } from './service-boundaries/reasons.ts';

const tangleOf = perRun(({ edges }) => {
  const calls = synchronousCalls(edges);
  return { calls, groups: synchronousCycles(calls) };
});

/** A list of names, of which the first say enough. */
const some = (names: readonly string[]): string =>
  names.length > 6 ? `${names.slice(0, 5).join(', ')} and ${names.length - 5} more` : names.join(', ');

// Enough to find one's way into it; a circle of hundreds fills no screen.
const longestWay = 6;

function judgeCycle(component: Component, facts: Facts): Found | undefined {
  const tangle = tangleOf(facts);
  const group = tangle.groups.get(component);
  if (!group) return undefined;
  const circle = circleThrough(component, tangle.calls);
  const names = circle.slice(0, longestWay).map(({ name }) => name);
  const rest = circle.length > longestWay ? [`${circle.length - longestWay} more`] : [];
  const way = [...names, ...rest, component.name].join(' → ');
  const others = group.length - Math.max(1, circle.length);
  const more =
    others > 0 ? ` (${others} more ${others === 1 ? 'service hangs' : 'services hang'} in the same tangle)` : '';
  return {
    status: 'warn',
    reason: 'CYCLE',
    message: `${circle.length > 0 ? `${way} is` : 'it is in'} a circle of calls that wait for each other${more}: none can be deployed, tested or fail alone`,
    evidence: circle.slice(0, longestWay).flatMap((from, index) => {
      const to = circle[index + 1] ?? component;
      return facts
        .edgesFrom(from)
        .filter((edge) => edge.to === to && edge.style === 'sync')
        .slice(0, 1)
        .map(({ evidence }) => evidence);
    }),
    fix: 'Turn one of the calls around with an event, or move what both need into one of them.',
  };
}

function judgeSharing({ kind, with: other, store, secret, evidence }: Sharing): Found {
  const key = `${store}/${other.name}`;
  if (secret) {
    const read = `it and ${other.name} read the address of their ${kind === 'database' ? 'database' : 'store'} from one key (${secret.key}) of the Secret ${secret.name}`;
    return kind === 'database'
      ? {
          status: 'fail',
          reason: 'SHARED_DATABASE',
          message: `${read}: whatever it is, it is one, and neither can change its tables alone`,
          evidence,
          fix: 'Give one of them the data and let the other ask it (or follow its events), or make both one service.',
          key,
        }
      : {
          status: 'warn',
          reason: 'SHARED_STORE',
          message: `${read}; whether the data is separate is not visible`,
          evidence,
          fix: 'Give each service its own login and database, or a server of its own.',
          key,
        };
  }
  if (kind === 'database')
    return {
      status: 'fail',
      reason: 'SHARED_DATABASE',
      message: `it and ${other.name} use the same database on ${store}: neither can change its tables alone`,
      evidence,
      fix: `Give one of them the data and let the other ask it (or follow its events), or make both one service.`,
      key,
    };
  const schema = kind === 'schema';
  return {
    status: 'warn',
    reason: schema ? 'SHARED_SERVER' : 'SHARED_STORE',
    message: schema
      ? `it and ${other.name} use different databases on ${store}, through one login as far as can be seen`
      : `it and ${other.name} both use ${store}; whether the data is separate is not visible`,
    evidence,
    fix: `Give each service its own login and database on ${store}, or a server of its own.`,
    key,
  };
}

/** Addresses that several are given together: who uses which nobody can tell. */
function judgeOffers(component: Component, facts: Facts, declared: boolean): Found[] {
  const offers = offersOf(component, facts);
  const named = offers.filter((offer) => offer.named);
  const toNames = (all: readonly Offer[]) => [...new Set(all.flatMap((offer) => offer.with.map(({ name }) => name)))];
  const found = (all: readonly Offer[], status: 'unknown' | 'note'): Found => ({
    status,
    reason: 'STORE_OFFERED',
    message: `one list of addresses names ${some(all.map(({ store }) => store))} to it and to ${some(toNames(all))}; which of them use what is not visible`,
    evidence: all.slice(0, 3).flatMap(({ evidence }) => evidence),
    fix: 'Give each service the addresses that it uses, and no others.',
    key: all
      .map(({ store }) => store)
      .join(' ')
      .slice(0, 200),
  });
  return [
    ...offers.filter((offer) => !offer.named).map((offer) => found([offer], declared ? 'unknown' : 'note')),
    ...(named.length > 0 ? [found(named, 'note')] : []),
  ];
}

/** Files that two services write are a store that both own. */
const judgeVolumes = (component: Component, facts: Facts): Found[] =>
  volumesShared(component, facts)
    .filter(({ written }) => written !== false)
    .map(({ claim, with: other, evidence, written }) =>
      written === undefined
        ? {
            ...unread(
              facts.ledger.gaps(['persistentvolumeclaims'], component.namespace),
              `It and ${other.name} mount the volume ${claim}; whether anybody may write to it is not known`,
            ),
            atWorst: 'warn',
          }
        : {
            status: 'warn',
            reason: 'SHARED_VOLUME',
            message: `it and ${other.name} mount the same volume (${claim}): what one writes, the other reads, with no contract between them`,
            evidence,
            fix: `Give the files to one of them and let ${other.name} ask it, or mount separate folders (subPath) or claims.`,
            key: `${claim}/${other.name}`,
          },
    );

/** What a single service cannot say about itself, counted once a run. */
interface Neighbours {
  judged: number;
  everywhere: number;
  byNamespace: ReadonlyMap<string, number>;
  /** Applications by the Secret that may give them an address: "shop/database". */
  bySecret: ReadonlyMap<string, readonly Component[]>;
  /** Of these, the ones in which nothing says so. */
  harmless: ReadonlySet<string>;
}

/** An address by its name, a login of a database, or all of a Secret as variables, which hides what is in it. */
const mayBeAddress = (use: SecretUse): boolean =>
  meaningOf(use) === 'address' || isDatabaseLogin(use) || (use.key === undefined && !use.mounted);

const neighboursIn = perRun((facts): Neighbours => {
  const isApplication = (component: Component): boolean => facts.classOf(component).class === 'application';
  const byNamespace = new Map<string, number>();
  const bySecret = new Map<string, Component[]>();
  const suspicious = new Set<string>();
  const applications = facts.components.filter(isApplication);
  for (const component of applications) {
    byNamespace.set(component.namespace, (byNamespace.get(component.namespace) ?? 0) + 1);
    const uses = facts
      .configuration(component)
      .secretUses.filter((use) => meaningOf(use) !== 'key' || isDatabaseLogin(use));
    for (const use of uses) if (mayBeAddress(use)) suspicious.add(`${component.namespace}/${use.secret}`);
    for (const name of new Set(uses.map(({ secret }) => secret)))
      append(bySecret, `${component.namespace}/${name}`, component);
  }
  return {
    judged: facts.subjects.filter(isApplication).length,
    everywhere: applications.length,
    byNamespace,
    bySecret,
    harmless: new Set([...bySecret.keys()].filter((key) => !suspicious.has(key))),
  };
});

/** The Secrets that may tell this service where its data is: not those of which it reads keys and passwords only. */
function secretsWithAddress(component: Component, facts: Facts): string[] {
  // Where no store of it is visible, a login says as much as an address.
  const blind = !facts.edgesFrom(component).some(({ style }) => style === 'store');
  const uses = facts
    .configuration(component)
    .secretUses.filter((use) => meaningOf(use) !== 'key' || (blind && isDatabaseLogin(use)));
  return [...new Set(uses.map(({ secret }) => secret))].sort();
}

/** Of these Secrets, those that may hold an address for another application too, and are no sharing that is told. */
function sharedSecrets(
  component: Component,
  secrets: readonly string[],
  sharings: readonly Sharing[],
  facts: Facts,
): { name: string; others: string[] }[] {
  const { byNamespace, bySecret, harmless } = neighboursIn(facts);
  const all = byNamespace.get(component.namespace) ?? 0;
  const told = new Map(sharings.map((sharing) => [sharing.with, sharing.secret?.name]));
  return secrets.flatMap((name) => {
    const key = `${component.namespace}/${name}`;
    const others = (bySecret.get(key) ?? []).filter((other) => other !== component);
    // What most services share is a key of the platform, not a database.
    if (others.length > Math.max(4, all * 0.6) && harmless.has(key)) return [];
    const untold = others.filter((other) => told.get(other) !== name);
    return untold.length === 0 ? [] : [{ name, others: untold.map((other) => other.name) }];
  });
}

/** Its namespace as its system, where that is a name that somebody chose. */
function labelled({ namespace, workloads: [workload] }: Component): { patch?: string } {
  if (!workload?.object || namespace === 'default') return {};
  return { patch: patchOf(workload.object, { metadata: { labels: { [label.partOf]: namespace } } }) };
}

function judge(component: Component, facts: Facts): Judgement {
  const classification = facts.classOf(component);
  if (classification.class !== 'application')
    return notApplicable(
      'NOT_AN_APPLICATION',
      `a ${classification.class === 'store' ? 'data store' : 'broker'}: boundaries are those of the services that use it`,
    );
  const parts = ['services', 'pods', 'deployments.apps', 'statefulsets.apps', 'configmaps'] as const;
  const gaps = facts.ledger.gaps(parts, component.namespace);
  const { judged, everywhere } = neighboursIn(facts);
  if (judged === 1 && everywhere === 1 && gaps.length === 0 && classification.certain)
    return notApplicable('SINGLE_SERVICE', 'the only service: there is nothing to draw a boundary against');

  const sharings = sharingOf(component, facts);
  const secrets = secretsWithAddress(component, facts);
  const shared = sharedSecrets(component, secrets, sharings, facts);
  const findings: Found[] = sharings.map(judgeSharing);
  findings.push(...judgeVolumes(component, facts));
  const cycle = judgeCycle(component, facts);
  if (cycle) findings.push(cycle);
  for (const { name, others: users } of shared)
    findings.push({
      status: 'note',
      reason: 'SHARED_SECRET',
      message: `the Secret ${name} also gives settings to ${users.join(', ')}; if it holds a database's address, they share that`,
      evidence: [{ object: `Secret ${component.namespace}/${name}`, path: 'metadata.name' }],
      fix: 'Give each service a login of its own.',
      key: name,
    });
  const declared = boundedContextOf(component);
  findings.push(...judgeOffers(component, facts, declared !== undefined));
  const hidden = secrets.length > 0 && !facts.edgesFrom(component).some(({ style }) => style === 'store');
  const evidence: Evidence[] = [
    ...(declared ? [declared.evidence] : []),
    ...component.workloads.map((workload) => ({ object: workloadName(workload), path: 'metadata.name' })),
    ...(component.primaryService ? [{ object: nameOf(component.primaryService), path: 'spec.selector' }] : []),
  ];
  if (!declared)
    findings.push({
      status: 'warn',
      reason: 'NOT_DECLARED',
      message: 'nothing says which bounded context it belongs to; nothing contradicts that it has one either',
      evidence: evidence.slice(0, 1).map(({ object }) => ({
        object,
        path: 'metadata.labels',
        value: `neither ${label.partOf} nor another sign`,
      })),
      fix: 'Label it: app.kubernetes.io/part-of: <system>, or annotate the pod template with msvc.dev/context: <context>.',
      ...labelled(component),
    });
  else if (shared.length > 0)
    findings.push({
      status: 'unknown',
      reason: 'STORE_HIDDEN',
      message: 'a Secret that other services use too may hold the address of a shared database',
      fix: 'Put addresses (not passwords) in plain settings, or give each service a Secret of its own.',
    });
  else if (!component.primaryService)
    findings.push({
      status: 'note',
      reason: 'NO_SERVICE',
      message: daprChannel(component) ? 'it has no Service: it is called through Dapr' : 'it has no Service: a worker',
    });
  const lost = facts.hiddenFrom(component, parts, 'business');
  if (lost.length > 0) findings.push(unread(lost, 'Nobody can say whether others share its data'));
  else if (!declared && hidden)
    findings.push({
      status: 'note',
      reason: 'STORE_HIDDEN',
      message: 'settings come from Secrets, which are never read: a store that it shares would not be visible',
    });
  if (!classification.certain) findings.push(unclearClass(component, facts));
  const alive = component.primaryService
    ? hasReadyEndpoints(facts, component.primaryService) === true
    : component.workloads.some((workload) => readyPods(workload).length > 0);
  if (!alive && declared)
    findings.push({
      status: 'note',
      reason: 'NOT_RUNNING',
      message: 'none of its pods is ready',
    });
  return {
    level: alive ? 'observed' : 'wired',
    reason: 'OWN_WORKLOAD_AND_CONTEXT',
    message: `its own workload, no store that others use, and a declared context (${declared?.value ?? ''})`,
    evidence,
    findings,
  };
}

export default defineCheck({
  id: 'service-boundaries',
  title: 'Service boundaries defined (bounded contexts)',
  item: 'Service boundaries defined (bounded contexts)',
  heading: { long: 'boundaries', short: 'bounds' },
  reads: {
    needs: ['services', 'pods', 'deployments.apps', 'statefulsets.apps', 'configmaps'],
    uses: ['daemonsets.apps', 'endpointslices.discovery.k8s.io', 'persistentvolumeclaims'],
  },
  verdicts: ['pass', 'warn', 'fail', 'unknown', 'n-a'],
  reasons,
  docs: {
    why: 'A service whose data others read or write cannot be changed, scaled or restored alone: it is a part of something larger, with a network in between.',
    judges:
      'Boundaries cannot be seen as such. Judged is what is declared (part-of label, msvc.dev/context, catalogue ids) and what contradicts it. Pass: own workload, no store shared with another application, context declared. Warn: not declared and nothing contradicts; one server shared by different databases, or nobody can tell; one volume that two services mount; a circle of synchronous calls. Fail: two services on the same database, proven by address and database name, or by one key of a Secret that both read as its address. Unknown: a Secret that others use too may hold an address (keys, certificates and passwords hold none), or one list of addresses is given to several, and who uses its store is not visible.',
    wrongWhen:
      'Addresses in Secrets and in code are not visible; what a value of a Secret is, is read from its name. Read replicas, a CQRS pair or a migration job may share a database on purpose. A part-of label that names the whole system says little about contexts.',
    fix: 'Give each service its own database and login, let others ask it or follow its events, and declare the context with msvc.dev/context or app.kubernetes.io/part-of.',
  },
  judge,
});
