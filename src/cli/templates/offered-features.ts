import { manifests } from './manifests.ts';

/** Features that come with others: a feature requires them, or the answer of an instance does. */
const parts = new Set(
  manifests.flatMap(({ requires, instances }) => [
    ...requires,
    ...(instances?.questions ?? []).flatMap(({ choices = [] }) => choices.flatMap((choice) => choice.requires ?? [])),
  ]),
);

/** Features that a person may ask for; one that is nothing but a part of others is no choice to show. */
export const offeredFeatures = manifests.filter(
  ({ id, selectable, instances }) => selectable || instances !== undefined || !parts.has(id),
);
