import type { Ports } from '../../../ports.ts';
import type { GroupResource } from '../../contract.ts';
import { type PodRights, podParts } from '../resources/rbac.ts';
import { type Resource, resources } from '../resources/resources.ts';
import { type Client, createClient } from './client.ts';
import { type ClusterOptions, clientLimits, scopeOf } from './cluster.ts';
import { connectionError } from './connection-error.ts';
import { discover } from './discovery.ts';
import { connect } from './kubeconfig.ts';

/** Whether one list may be read; without a namespace in the whole cluster. */
export interface Permission {
  part: GroupResource;
  namespace?: string;
  /** unknown: the question itself failed, which is not a no. */
  answer: 'yes' | 'no' | 'unknown';
  detail?: string;
}

/**
 * Asks the API server, before anything is read, which lists a run with the same options may read. Kinds that the cluster
 * does not serve are left out: nothing is missed by not reading them.
 */
export async function canI(
  options: ClusterOptions,
  ports: Ports,
  rights: PodRights = { probe: false, sampleLogs: false },
): Promise<{ context: string; permissions: Permission[] }> {
  const connection = await connect(options, ports);
  const client = createClient(connection, clientLimits(options, ports));
  try {
    const discovery = await discover(client).catch((error: unknown) => {
      throw connectionError(error, connection);
    });
    const scope = scopeOf(options, connection);
    const questions = resources
      .filter((one) => options.parts?.has(one.part) ?? true)
      .filter((one) => 'as' in discovery.of(one))
      .flatMap((one) => placesOf(one, scope).map((namespace) => ask(client, one.part, namespace, listOf(one))));
    const ofPods = podParts(rights).flatMap((part) =>
      (scope ?? [undefined]).map((namespace) => ask(client, part, namespace, getOf(part))),
    );
    return { context: connection.context, permissions: await Promise.all([...questions, ...ofPods]) };
  } finally {
    client.close();
  }
}

const placesOf = ({ reach }: Resource, scope: readonly string[] | null): (string | undefined)[] => {
  if (scope === null || reach === 'cluster' || reach === 'evidence') return [undefined];
  return reach === 'shared' ? [...scope, undefined] : [...scope];
};

const listOf = ({ group, plural }: Resource) => ({ group, resource: plural, verb: 'list' });

/** "pods/log" */
const getOf = (part: string) => {
  const [resource, subresource] = part.split('/');
  return { group: '', resource, subresource, verb: 'get' };
};

async function ask(client: Client, part: string, namespace: string | undefined, wanted: object): Promise<Permission> {
  const where = { part, ...(namespace !== undefined && { namespace }) };
  try {
    const review = (await client.post('/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SelfSubjectAccessReview',
      spec: {
        resourceAttributes: { ...wanted, ...(namespace !== undefined && { namespace }) },
      },
    })) as { status?: { allowed?: unknown; reason?: unknown; evaluationError?: unknown } };
    const { allowed, reason, evaluationError } = review.status ?? {};
    // An authorizer that could not be asked denies, too: that is no answer.
    if (allowed !== true && evaluationError) return { ...where, answer: 'unknown', detail: String(evaluationError) };
    return {
      ...where,
      answer: allowed === true ? 'yes' : 'no',
      ...(reason && allowed !== true ? { detail: String(reason) } : {}),
    };
  } catch (error) {
    return { ...where, answer: 'unknown', detail: (error as Error).message };
  }
}
