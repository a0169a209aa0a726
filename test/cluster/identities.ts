import { mkdtempSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { inject } from 'vitest';
import { parse } from 'yaml';
import { type Access, type Api, ApiError, api, type Json } from './api.ts';
import { adminKubeconfig } from './kubeconfig.ts';
import { until } from './until.ts';

/** A service account, the roles it is bound to (in force when this returns), and its kubeconfig as a file. */
export async function identity(
  cluster: Api,
  {
    namespace,
    name,
    roles = [],
    clusterRoles = [],
  }: { namespace: string; name: string; roles?: string[]; clusterRoles?: string[] },
): Promise<{ kubeconfig: string; token: string }> {
  await cluster.send('POST', `/api/v1/namespaces/${namespace}/serviceaccounts`, { metadata: { name } });
  const subjects = [{ kind: 'ServiceAccount', name, namespace }];
  const bind = (path: string, kind: string, role: string) =>
    cluster.send('POST', path, {
      metadata: { name: `${namespace}-${name}-${role}` },
      subjects,
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind, name: role },
    });
  const rbac = '/apis/rbac.authorization.k8s.io/v1';
  for (const role of roles) await bind(`${rbac}/namespaces/${namespace}/rolebindings`, 'ClusterRole', role);
  for (const role of clusterRoles) await bind(`${rbac}/clusterrolebindings`, 'ClusterRole', role);
  const access = await accessOf(cluster, { namespace, name });
  const bound = [...roles, ...clusterRoles];
  if (bound.length > 0) {
    const rules = await Promise.all(
      bound.map(async (role) => (await cluster.get(`${rbac}/clusterroles/${role}`)).rules),
    );
    await untilAllowed(api(access), namespace, rules.flat());
  }
  return { kubeconfig: kubeconfigFile(adminKubeconfig(access, { namespace })), token: access.token };
}

async function accessOf(cluster: Api, { namespace, name }: { namespace: string; name: string }): Promise<Access> {
  const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${name}/token`;
  const { status } = await cluster.send('POST', path, { spec: { expirationSeconds: 3600 } });
  return { ...cluster.access, token: status.token as string };
}

/** A kubeconfig of a service account that there is, when it may do what it was given. */
export async function accountKubeconfig(
  cluster: Api,
  { namespace, name, rules }: { namespace: string; name: string; rules: Json[] },
): Promise<string> {
  const access = await accessOf(cluster, { namespace, name });
  await untilAllowed(api(access), namespace, rules);
  return kubeconfigFile(adminKubeconfig(access, { namespace }));
}

/** The authorizer hears of bindings a moment after they are stored. */
async function untilAllowed(theirs: Api, namespace: string, rules: Json[]): Promise<void> {
  const path = '/apis/authorization.k8s.io/v1/selfsubjectrulesreviews';
  await until('the roles to be in force', async () => {
    const { status } = await theirs.send('POST', path, { spec: { namespace } });
    return rules
      .filter((rule) => rule.resources)
      .every((rule) =>
        status.resourceRules.some(
          (given: Json) =>
            String(given.apiGroups) === String(rule.apiGroups) && String(given.resources) === String(rule.resources),
        ),
      );
  });
  theirs.close();
}

/** A kubeconfig in the cluster's own folder: whoever removes that, however the run ended, removes it. */
export function kubeconfigFile(text: string): string {
  const cluster = inject('cluster');
  if ('missing' in cluster) throw new Error(cluster.missing);
  const file = join(mkdtempSync(join(dirname(cluster.kubeconfig), 'identity-')), 'config');
  writeFileSync(file, text, { mode: 0o600 });
  return file;
}

/** Creates a ClusterRole from YAML, or replaces the one of that name. */
export async function clusterRole(cluster: Api, yaml: string): Promise<string> {
  const role = parse(yaml);
  const path = '/apis/rbac.authorization.k8s.io/v1/clusterroles';
  try {
    await cluster.send('POST', path, role);
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 409) throw error;
    await cluster.send('PUT', `${path}/${role.metadata.name}`, role);
  }
  return role.metadata.name;
}
