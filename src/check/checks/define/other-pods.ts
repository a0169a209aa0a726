import type { Facts } from '../../inventory/facts.ts';
import type { Component } from '../../inventory/graph/components.ts';
import { type Found, type Judgement, unread } from './define-check.ts';

/** What its pods showed that were asked: others of it, where the list is not whole, may have shown something else. */
export function withOtherPods<Code extends string>(
  judgement: Judgement<Code | 'NOT_READ'>,
  { namespace }: Component,
  facts: Facts,
): Judgement<Code | 'NOT_READ'> {
  const gaps = facts.ledger.gaps(['pods'], namespace);
  if (gaps.length === 0) return judgement;
  const hidden: Found<'NOT_READ'> = { ...unread(gaps, 'Nobody can say what else of it runs'), atWorst: 'warn' };
  return { ...judgement, findings: [...(judgement.findings ?? []), hidden] };
}
