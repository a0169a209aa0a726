import { type Resource, resources } from './resources.ts';

export const tiers = ['namespaced', 'cluster'] as const;
/** namespaced: what one team may be given, bound in its namespaces · cluster: everything that is read. */
export type Tier = (typeof tiers)[number];

const binding: Record<Tier, string> = {
  namespaced: 'kubectl create rolebinding msvc-check -n NAMESPACE --clusterrole=msvc-check-namespaced --user=USER',
  cluster: 'kubectl create clusterrolebinding msvc-check --clusterrole=msvc-check-cluster --user=USER',
};

/** Rights beyond lists, which a role has only where somebody asks for them. */
export interface PodRights {
  probe: boolean;
  sampleLogs: boolean;
}

/** What of a pod is asked for by GET. */
export const podParts = ({ probe, sampleLogs }: PodRights): string[] => [
  ...(probe ? ['pods/proxy'] : []),
  ...(sampleLogs ? ['pods/log'] : []),
];

const noRights: PodRights = { probe: false, sampleLogs: false };

/** The least role of a tier as YAML for `kubectl apply -f -`. Secrets are in none: they are never read. */
export const printRole = (tier: Tier, rights = noRights): string =>
  `# Bind it: ${binding[tier]}\n${roleOf(tier, rights)}`;

/** The role itself. */
export function roleOf(tier: Tier, rights: PodRights): string {
  const asked = podParts(rights);
  const rules = listRules(resources.filter((one) => tier === 'cluster' || one.reach !== 'cluster'));
  return [
    'apiVersion: rbac.authorization.k8s.io/v1',
    'kind: ClusterRole',
    'metadata:',
    `  name: msvc-check-${tier}`,
    'rules:',
    ...rules.flatMap(({ group, names, verbs }) => [
      `  - apiGroups: ["${group}"]`,
      `    resources: [${names.join(', ')}]`,
      `    verbs: [${verbs.join(', ')}]`,
    ]),
    ...(asked.length === 0 ? [] : askRule(asked)),
    '',
  ].join('\n');
}

const askRule = (names: readonly string[]): string[] => [
  '  # Requests to pods pass by network policies, and whoever has this may send any: bind it for as long as it is used.',
  '  - apiGroups: [""]',
  `    resources: [${names.join(', ')}]`,
  '    verbs: [get]',
];

interface Rule {
  group: string;
  names: string[];
  verbs: string[];
}

function listRules(rows: readonly Resource[]): Rule[] {
  const groups = new Map<string, string[]>();
  for (const { group, plural } of rows) groups.set(group, [...(groups.get(group) ?? []), plural]);
  const rules = [...groups].map(([group, names]): Rule => ({ group, names, verbs: ['list'] }));
  // To tell a namespace that does not exist from an empty one.
  return [...rules, { group: '', names: ['namespaces'], verbs: ['get'] }];
}
