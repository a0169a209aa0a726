import { describe, expect, test } from 'vitest';
import { checks } from '../../src/check/checks/index.ts';
import type { GroupResource } from '../../src/check/contract.ts';
import { alwaysRead } from '../../src/check/inventory/always-read.ts';
import { buildFacts, type Facts } from '../../src/check/inventory/facts.ts';
import { fixtures, readFixture } from './support/fixture.ts';

/** Facts that note which lists they are asked about, by whatever function. */
function watched(facts: Facts, note: (part: GroupResource) => void): Facts {
  const { ledger } = facts;
  const noted = (parts: readonly GroupResource[]): readonly GroupResource[] => {
    for (const part of parts) note(part);
    return parts;
  };
  const one =
    <Rest extends unknown[], T>(ask: (part: GroupResource, ...rest: Rest) => T) =>
    (part: GroupResource, ...rest: Rest): T => {
      note(part);
      return ask(part, ...rest);
    };
  return {
    ...facts,
    list: one(facts.list),
    has: one(facts.has),
    provenAbsent: one(facts.provenAbsent),
    hiddenFrom: (component, parts, which) => facts.hiddenFrom(component, noted(parts), which),
    ledger: {
      complete: one(ledger.complete),
      notServed: one(ledger.notServed),
      gaps: (parts, namespace) => ledger.gaps(noted(parts), namespace),
    },
  };
}

const snapshots = fixtures.map(readFixture);
const stood = new Set(alwaysRead);

describe.each(checks)('$id', (check) => {
  const asked = new Set<GroupResource>();
  for (const snapshot of snapshots) {
    const facts = watched(buildFacts(snapshot), (part) => asked.add(part));
    check.evaluate(facts);
    check.dangling?.(facts);
  }
  const declared = new Set([...check.reads.needs, ...check.reads.uses]);

  test('asks for nothing that it does not declare', () => {
    expect([...asked].filter((part) => !declared.has(part)).sort()).toEqual([]);
  });

  // What every check stands on is read before any of them is asked.
  test('declares nothing that it does not ask for', () => {
    expect([...declared].filter((part) => !asked.has(part) && !stood.has(part)).sort()).toEqual([]);
  });
});
