import type { Part } from '../inventory/part.ts';
import recorded from './demo.json' with { type: 'json' };
import type { KubeObject, Snapshot } from './snapshot.ts';

/** A recording of the example system, made by `npm run demo`: for people without a cluster. */
export const demoSnapshot = (): Snapshot => {
  const { objects, ...rest } = recorded as unknown as Omit<Snapshot, 'objects'> & { objects: [Part, KubeObject[]][] };
  return { ...rest, objects: new Map(objects) };
};
