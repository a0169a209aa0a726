import { manifests } from './manifests.ts';

/** Features that a person may ask for; one that is nothing but a part of others is no choice to show. */
export const offeredFeatures = manifests.filter(
  ({ id, selectable, instances }) =>
    selectable || instances !== undefined || !manifests.some(({ requires }) => requires.includes(id)),
);
