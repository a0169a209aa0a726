import { append } from '../../../multimap.ts';
import { isDatabaseLogin, meaningOf } from '../../inventory/configuration/secret-names.ts';
import type { SecretUse } from '../../inventory/configuration/settings.ts';
import type { Sharing } from '../../inventory/data/shared-stores.ts';
import { isOneApplication } from '../../inventory/declared/one-application.ts';
import type { Facts } from '../../inventory/facts.ts';
import type { Component } from '../../inventory/graph/components.ts';
import { perRun } from '../../inventory/per-run.ts';

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

export const neighboursIn = perRun((facts): Neighbours => {
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
export function secretsWithAddress(component: Component, facts: Facts): string[] {
  // Where no store of it is visible, a login says as much as an address.
  const blind = !facts.edgesFrom(component).some(({ style }) => style === 'store');
  const uses = facts
    .configuration(component)
    .secretUses.filter((use) => meaningOf(use) !== 'key' || (blind && isDatabaseLogin(use)));
  return [...new Set(uses.map(({ secret }) => secret))].sort();
}

/** Of these Secrets, those that may hold an address for another application too, and are no sharing that is told. */
export function sharedSecrets(
  component: Component,
  secrets: readonly string[],
  sharings: readonly Sharing[],
  facts: Facts,
): { name: string; others: string[] }[] {
  const { byNamespace, bySecret, harmless } = neighboursIn(facts);
  const all = byNamespace.get(component.namespace) ?? 0;
  const told = new Map(
    sharings.flatMap((sharing) => sharing.with.map((other) => [other, sharing.secret?.name] as const)),
  );
  return secrets.flatMap((name) => {
    const key = `${component.namespace}/${name}`;
    const others = (bySecret.get(key) ?? []).filter(
      (other) => other !== component && !isOneApplication(component, other),
    );
    // What most services share is a key of the platform, not a database.
    if (others.length > Math.max(4, all * 0.6) && harmless.has(key)) return [];
    const untold = others.filter((other) => told.get(other) !== name);
    return untold.length === 0 ? [] : [{ name, others: untold.map((other) => other.name) }];
  });
}
