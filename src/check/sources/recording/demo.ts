import type { GroupResource } from '../../contract.ts';
import type { KubeObject, Snapshot } from '../snapshot.ts';
import recorded from './demo.json' with { type: 'json' };

/** A recording of the example system, made by `npm run demo`: for people without a cluster. */
export const demoSnapshot = (): Snapshot => {
  const { objects, ...rest } = recorded as unknown as Omit<Snapshot, 'objects'> & {
    objects: [GroupResource, KubeObject[]][];
  };
  return { ...rest, objects: new Map(objects) };
};
