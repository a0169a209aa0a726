import type { Facts } from '../../inventory/facts.ts';
import type { Component } from '../../inventory/graph/components.ts';
import { type Found, unread } from './define-check.ts';

/** Whether it is an application or somebody's store shows in how others address it, and that was not all read. */
export const unclearClass = (component: Component, facts: Facts): Found<'CLASS_UNCLEAR'> => ({
  ...unread(
    facts.ledger.gaps(['configmaps'], component.namespace),
    'Nobody can say whether it is an application or a data store',
  ),
  reason: 'CLASS_UNCLEAR',
});
