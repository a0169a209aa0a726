import { annotation, label } from '../../../marks.ts';

/** Keys of labels and annotations by which a service says where it belongs, whatever stands before a `/`. */
export interface OwnershipKey {
  key: string;
  /** True: also as the last part of a key with a prefix of one's own, `acme.io/team`. */
  anyPrefix?: true;
  /** context: a system or a part of the business · owner: somebody who answers for it, maybe for several contexts. */
  says: 'context' | 'owner';
}

const own = (says: OwnershipKey['says'], ...keys: string[]): OwnershipKey[] => keys.map((key) => ({ key, says }));
const word = (says: OwnershipKey['says'], ...keys: string[]): OwnershipKey[] =>
  keys.map((key) => ({ key, anyPrefix: true, says }));

/** The first that is there says it. */
export const ownershipKeys: readonly OwnershipKey[] = [
  ...own('context', annotation.context, label.partOf, 'app.openshift.io/part-of', 'backstage.io/kubernetes-id'),
  ...word('context', 'bounded-context', 'domain', 'system', 'project', 'product', 'application'),
  ...own('owner', annotation.owner),
  ...word('owner', 'team', 'owner', 'squad'),
];

/** As `msvc explain` prints them. */
export const ownershipWords: string = ownershipKeys
  .map(({ key, anyPrefix }) => (anyPrefix ? `${key} or …/${key}` : key))
  .join(', ');

/** Prefixes under which these words mean something else: Kubernetes' own, those of its tools and of clouds. */
const foreign = new RegExp(
  `(^|\\.)(${[
    'kubernetes.io k8s.io cattle.io openshift.io helm.sh argoproj.io fluxcd.io istio.io coreos.com knative.dev k14s.io',
    'tekton.dev crossplane.io linkerd.io gke.io google.com azure.com amazonaws.com',
  ]
    .join(' ')
    .replaceAll('.', '\\.')
    .replaceAll(' ', '|')})$`,
);

/** The marks' value of one such key, and the key as it stands there. */
export function markOf(
  marks: Readonly<Record<string, string>>,
  { key, anyPrefix }: OwnershipKey,
): { key: string; value: string } | undefined {
  const plain = marks[key];
  if (plain) return { key, value: plain };
  if (!anyPrefix) return undefined;
  // Tags that a cloud hands on are written large: `Team`.
  const bears = (name: string): boolean => {
    const slash = name.lastIndexOf('/');
    return name.slice(slash + 1).toLowerCase() === key && !foreign.test(name.slice(0, Math.max(0, slash)));
  };
  const found = Object.keys(marks)
    .filter((name) => marks[name] && bears(name))
    .sort()[0];
  return found === undefined ? undefined : { key: found, value: marks[found] ?? '' };
}
