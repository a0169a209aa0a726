import { type PodRights, roleOf, type Tier } from './rbac.ts';

/** What the job runs, and what it may read. */
export interface CronJob {
  /** With a version. */
  image: string;
  /** Namespaces that it judges; all where it names none. */
  namespaces?: readonly string[];
  /** What of pods it asks for. */
  rights: PodRights;
  /** More options of `check-cluster`, as they are typed. */
  options: readonly string[];
}

const name = 'msvc-check';
const subject = `subjects:
  - { kind: ServiceAccount, name: ${name}, namespace: ${name} }`;

const binding = (tier: Tier, namespace?: string): string => `apiVersion: rbac.authorization.k8s.io/v1
kind: ${namespace === undefined ? 'ClusterRoleBinding' : 'RoleBinding'}
metadata:
  name: ${name}${namespace === undefined ? '' : `\n  namespace: ${namespace}`}
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: msvc-check-${tier} }
${subject}
`;

// As they are typed; every string of JSON is one of YAML.
const argsOf = ({ namespaces, options }: CronJob): string =>
  ['check-cluster', ...(namespaces ? ['-n', namespaces.join(',')] : ['-A']), ...options]
    .concat('--fail-on', 'never', '-o', 'openmetrics')
    .map((word) => JSON.stringify(word))
    .join(', ');

/**
 * Everything that a CronJob needs to judge the cluster that it runs in, as YAML for `kubectl apply -f -`: a namespace, an
 * account with the least role and no secret. What it says is OpenMetrics in its log.
 */
export function printCronJob(job: CronJob): string {
  const tier: Tier = job.namespaces ? 'namespaced' : 'cluster';
  return [
    `# Apply it: msvc check-cluster --print-cronjob IMAGE | kubectl apply -f -
# An image: docker build -f .github/image/Dockerfile, in the repository of create-microservice
# Its log is OpenMetrics: kubectl logs -n ${name} -l app.kubernetes.io/name=${name} --tail=-1
# A job fails only where too little could be read, or none of the cluster: findings are numbers in it.
apiVersion: v1
kind: Namespace
metadata:
  name: ${name}
  labels: { pod-security.kubernetes.io/enforce: restricted }
`,
    `apiVersion: v1
kind: ServiceAccount
metadata: { name: ${name}, namespace: ${name} }
automountServiceAccountToken: false
`,
    roleOf(tier, job.rights),
    ...(job.namespaces?.map((namespace) => binding(tier, namespace)) ?? [binding(tier)]),
    `apiVersion: batch/v1
kind: CronJob
metadata:
  name: ${name}
  namespace: ${name}
  labels: { app.kubernetes.io/name: ${name} }
spec:
  schedule: "17 * * * *"
  concurrencyPolicy: Forbid
  successfulJobsHistoryLimit: 3
  failedJobsHistoryLimit: 3
  jobTemplate:
    spec:
      backoffLimit: 0
      activeDeadlineSeconds: 900
      template:
        metadata:
          labels: { app.kubernetes.io/name: ${name} }
        spec:
          serviceAccountName: ${name}
          automountServiceAccountToken: true
          restartPolicy: Never
          securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: RuntimeDefault } }
          containers:
            - name: ${name}
              image: ${JSON.stringify(job.image)}
              command: ["msvc"]
              args: [${argsOf(job)}]
              securityContext:
                allowPrivilegeEscalation: false
                readOnlyRootFilesystem: true
                capabilities: { drop: ["ALL"] }
              resources:
                requests: { cpu: 100m, memory: 256Mi }
                limits: { memory: 512Mi }
`,
  ].join('---\n');
}
