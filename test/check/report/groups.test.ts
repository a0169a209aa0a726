import { describe, expect, test } from 'vitest';
import type { CheckResult, CheckRun, Evidence } from '../../../src/check/contract.ts';
import { groupsOf, namer, seen, told } from '../../../src/check/report/groups.ts';

/** A run in which each of these services has one finding of one reason, with this message and evidence. */
const runOf = (services: Record<string, { message: string; evidence?: Evidence[] }[]>): CheckRun => {
  const results = Object.entries(services).map(([name, findings]): CheckResult => {
    const found = findings.map(({ message, evidence = [] }, index) => ({
      id: `x/${name}/${index}`,
      status: 'fail' as const,
      reason: 'ODD',
      message,
      evidence,
      fix: '',
    }));
    const subject = { kind: 'Service' as const, namespace: 'shop', name };
    return {
      check: 'x',
      status: 'fail',
      level: 'none',
      reason: 'ODD',
      message: '',
      evidence: [],
      subject,
      findings: found,
    };
  });
  return { results } as unknown as CheckRun;
};

const toldOf = (services: Record<string, string[]>, limit = 3) => {
  const messages = Object.entries(services).map(([name, all]) => [name, all.map((message) => ({ message }))] as const);
  const run = runOf(Object.fromEntries(messages));
  const [group] = groupsOf(run, false);
  if (!group) throw new Error('no group');
  return told(group, namer(run), limit);
};

describe('what is told of a group', () => {
  test('is one message where they differ in the name of the service alone, with the number of the other findings', () => {
    const all = { cart: ['container cart is odd'], stock: ['container stock is odd', 'container stock is odd'] };
    expect(toldOf(all)).toEqual({ messages: ['container cart is odd'], named: false, more: 2 });
  });

  test('begins with the service where they differ in more, and counts findings, not messages', () => {
    const all = { cart: ['no port'], stock: ['no name', 'no path', 'no path'], orders: ['no host 1', 'no host 2'] };
    expect(toldOf(all, 2)).toEqual({ messages: ['cart: no port', 'stock: no name'], named: true, more: 4 });
  });

  test('says nothing of more where one message says it of all', () => {
    expect(toldOf({ a: ['it is odd'], b: ['it is odd'], c: ['it is odd'] }).more).toBe(0);
  });

  test('names a pair from one of its ends', () => {
    const both = {
      cart: ['it and orders use one database on orders-db'],
      orders: ['it and cart use one database on orders-db'],
    };
    expect(toldOf(both)).toEqual({
      messages: ['cart: it and orders use one database on orders-db'],
      named: true,
      more: 0,
    });
    expect(toldOf({ ...both, stock: ['it and cart use one database on orders-db'] }).messages).toHaveLength(2);
  });
});

describe('what is shown as seen', () => {
  const at = (object: string, path = 'spec', value = 'x'): Evidence => ({ object, path, value });
  const seenOf = (services: Record<string, Evidence[]>, limit = 6) => {
    const findings: Parameters<typeof runOf>[0] = {};
    for (const [name, evidence] of Object.entries(services)) findings[name] = [{ message: 'odd', evidence }];
    const [group] = groupsOf(runOf(findings), false);
    return group ? seen(group, limit).map(({ object, path, value }) => `${object} ${path} = ${value}`) : [];
  };

  test('is the first of each service that is named', () => {
    expect(seenOf({ a: [at('a', 'spec', '1'), at('other')], b: [at('b', 'spec', '2')] })).toEqual([
      'a spec = 1',
      'b spec = 2',
    ]);
    expect(seenOf({ a: [at('a', 'spec', '1')], b: [at('b', 'spec', '2')] }, 1)).toEqual(['a spec = 1']);
  });

  test('is said once of all that are alike', () => {
    expect(seenOf({ a: [at('a')], b: [at('b')], c: [at('the cluster')], d: [at('the cluster')] })).toEqual([
      'a, b, the cluster spec = x',
    ]);
  });

  test('of one service is more than the first', () => {
    expect(seenOf({ a: [at('a', 'one'), at('a', 'two'), at('a', 'three'), at('a', 'four')] })).toHaveLength(3);
  });
});
