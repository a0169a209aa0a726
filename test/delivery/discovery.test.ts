import { expect, test } from 'vitest';
import { build, one, withoutKubectl } from './support/kustomize.ts';
import { inFolder, serviceFiles } from './support/render-service.ts';

const overlay = 'deploy/overlays/production/kustomization.yaml';

/** What is applied of an order-service that may balance by itself, with the component for watching pods or without. */
async function objects(isWatching: boolean) {
  const files = new Map(await serviceFiles('order-service', { features: { clients: {}, discovery: {} } }));
  const text = files.get(overlay) ?? '';
  const chosen = text.replace('# components:\n#   - ../../exposed', 'components:\n  - ../../watching');
  expect(chosen).not.toBe(text);
  if (isWatching) files.set(overlay, chosen);
  return build(`${await inFolder(files)}/deploy/overlays/production`);
}

test.skipIf(withoutKubectl)(
  'a headless Service has the names of the pods, and no port that is scraped twice',
  async () => {
    const plain = await objects(false);
    const [own, pods] = [one(plain, 'Service', 'order-service'), one(plain, 'Service', 'order-service-pods')];
    expect([own.spec.clusterIP, pods.spec.clusterIP]).toEqual([undefined, 'None']);
    expect(pods.spec.selector).toEqual(own.spec.selector);
    expect(pods.spec.publishNotReadyAddresses).toBeUndefined();
    const names = [own, pods].map(({ spec }) => spec.ports.map(({ name }: { name: string }) => name));
    expect(names).toEqual([['http'], ['direct']]);
  },
);

test.skipIf(withoutKubectl)(
  'rights, token and way to the API server come by choice, and nothing else changes',
  async () => {
    const [plain, watching] = [await objects(false), await objects(true)];
    expect(plain.map(({ kind }) => kind)).not.toContain('Role');
    expect(one(watching, 'Role').rules).toEqual([
      { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['get', 'list', 'watch'] },
    ]);
    const binding = one(watching, 'RoleBinding');
    expect(binding.roleRef.name).toBe(one(watching, 'Role').metadata.name);
    expect(binding.subjects).toEqual([{ kind: 'ServiceAccount', name: one(watching, 'ServiceAccount').metadata.name }]);

    const [before, after] = [plain, watching].map((all) => one(all, 'Deployment').spec.template.spec);
    expect(after.automountServiceAccountToken).toBe(false);
    const added = after.volumes.find(({ name }: { name: string }) => name === 'api-server');
    expect(after.volumes).toEqual(expect.arrayContaining(before.volumes));
    expect(added.projected.sources.map((source: object) => Object.keys(source)[0])).toEqual([
      'serviceAccountToken',
      'configMap',
      'downwardAPI',
    ]);
    const [container] = after.containers;
    expect(container.volumeMounts).toEqual(expect.arrayContaining(before.containers[0].volumeMounts));
    expect(container.volumeMounts).toContainEqual({
      name: 'api-server',
      mountPath: '/var/run/secrets/kubernetes.io/serviceaccount',
      readOnly: true,
    });

    const [rulesBefore, rulesAfter] = [plain, watching].map((all) => one(all, 'NetworkPolicy').spec.egress);
    expect(rulesAfter.slice(0, -1)).toEqual(rulesBefore);
    expect(rulesAfter.at(-1).ports.map(({ port }: { port: number }) => port)).toEqual([443, 6443]);
  },
);
