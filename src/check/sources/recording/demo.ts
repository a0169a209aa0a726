import type { GroupResource } from '../../contract.ts';
import type { KubeObject, Snapshot } from '../snapshot.ts';
import recorded from './demo.json' with { type: 'json' };
import { withNewerKinds } from './newer-kinds.ts';

/** A recording of the example system, made by `npm run demo`: for people without a cluster. */
export const demoSnapshot = (): Snapshot => {
  const { objects, ...rest } = recorded as unknown as Omit<Snapshot, 'objects'> & {
    objects: [GroupResource, KubeObject[]][];
  };
  return { ...rest, reads: withNewerKinds(rest.reads, rest.served), objects: new Map(objects) };
};
