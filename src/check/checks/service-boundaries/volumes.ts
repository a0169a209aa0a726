import { volumesShared } from '../../inventory/data/shared-volumes.ts';
import { isOneApplication } from '../../inventory/declared/one-application.ts';
import type { Facts } from '../../inventory/facts.ts';
import type { Component } from '../../inventory/graph/components.ts';
import { unread } from '../define/define-check.ts';
import type { Found } from './reasons.ts';

/** Files that two services write are a store that both own. */
export const judgeVolumes = (component: Component, facts: Facts): Found[] =>
  volumesShared(component, facts)
    .filter(({ written, with: other }) => written !== false && !isOneApplication(component, other))
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
