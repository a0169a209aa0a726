import { append } from '../../../multimap.ts';
import type { Evidence } from '../../contract.ts';
import type { Facts } from '../facts.ts';
import { storeOf } from '../graph/address-lists.ts';
import { type Component, componentKey } from '../graph/components.ts';
import type { Edge } from '../graph/edges.ts';
import { keyOf } from '../kubernetes/types.ts';
import { perRun } from '../per-run.ts';

/** Where stores listen whose address names no port, by the scheme of the address. */
const usualPorts: readonly (readonly [RegExp, number])[] = [
  [/^postgres(ql)?\b/, 5432],
  [/^(mysql|mariadb)\b/, 3306],
  [/^mongodb$/, 27017],
  [/^(rediss?|valkey)$/, 6379],
  [/^(sqlserver|mssql)\b/, 1433],
];

/** What an edge leads to, the same for every way to say it: with or without the usual port, or by another name for it. */
export function storeKey(edge: Edge, facts: Facts): string {
  if (edge.to) return storeOf(edge);
  const port = edge.port ?? usualPorts.find(([scheme]) => scheme.test(edge.protocol))?.[1];
  const place = (host: string): string => storeOf({ ...edge, host, ...(port === undefined ? {} : { port }) });
  const { metadata, spec } = edge.service ?? {};
  if (edge.service && spec?.type !== 'ExternalName') return `Service ${keyOf(edge.service)}`;
  // A name without dots is another one in every namespace.
  if (!spec?.externalName) return place(edge.host.includes('.') ? edge.host : `${edge.from.namespace}/${edge.host}`);
  const end = facts.resolve(spec.externalName, edge.port, metadata?.namespace ?? '');
  const to = 'service' in end ? facts.componentOf(end.service) : undefined;
  return to ? componentKey(to.namespace, to.name) : place(spec.externalName.toLowerCase().replace(/\.$/, ''));
}

type Users = ReadonlyMap<string, readonly Edge[]>;

/** Applications by the store that they use, or that a list offers them. */
export const usersOfStores = perRun((facts): { proven: Users; offered: Users; named: ReadonlySet<string> } => {
  const proven = new Map<string, Edge[]>();
  const offered = new Map<string, Edge[]>();
  for (const edge of facts.edges) {
    // Jobs (migrations, backups) and the platform (exporters) work on a store in somebody's name.
    if (edge.style !== 'store' || facts.classOf(edge.from).class !== 'application') continue;
    append(edge.offered ? offered : proven, storeKey(edge, facts), edge);
  }
  const named = [...offered].filter(([store, edges]) => {
    const users = new Set([...edges, ...(proven.get(store) ?? [])].map(({ from }) => from.name));
    const texts = new Set(edges.map(({ host, setting }) => `${host} ${setting}`));
    return [...texts].some((text) => [...users].some((name) => bearsName(text, name)));
  });
  return { proven, offered, named: new Set(named.map(([store]) => store)) };
});

/** A store that this service and others may share: a list of addresses names it to one of them, or to all. */
export interface Offer {
  store: string;
  with: Component[];
  /** It bears the name of one of them: that one's, as far as a name can tell. */
  named: boolean;
  evidence: Evidence[];
}

export function offersOf(component: Component, facts: Facts): Offer[] {
  const { proven, offered, named } = usersOfStores(facts);
  const offers = new Map<string, Offer>();
  for (const mine of facts.edgesFrom(component)) {
    const store = storeKey(mine, facts);
    if (mine.style !== 'store' || offers.has(store)) continue;
    const theirs = [...(mine.offered ? (proven.get(store) ?? []) : []), ...(offered.get(store) ?? [])].filter(
      ({ from }) => from !== component,
    );
    if (theirs.length === 0) continue;
    offers.set(store, {
      store: mine.to?.name ?? mine.host,
      with: [...new Set(theirs.map(({ from }) => from))],
      named: named.has(store),
      evidence: [mine.evidence],
    });
  }
  return [...offers.values()];
}

/** `ORDERS_DB_URL` and `orders-db` are named after orders-service. */
function bearsName(text: string, service: string): boolean {
  const stem = service.replace(/[-_.]?(service|svc|server|api|app|backend)$/, '').replace(/s$/, '');
  const words = text.toLowerCase().split(/[^a-z0-9]+/);
  const own = stem.toLowerCase().split(/[^a-z0-9]+/);
  return own.every((part) => part !== '' && words.some((word) => word === part || word === `${part}s`));
}
