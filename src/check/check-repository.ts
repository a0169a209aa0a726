import type { Ports } from '../ports.ts';
import type { CheckInputs } from './check-cluster.ts';
import type { CheckRun, JudgedEnvironment } from './contract.ts';
import { buildFacts } from './inventory/facts.ts';
import { namingParts } from './inventory/graph/given-names.ts';
import { runChecks } from './run-checks.ts';
import { alone, withPlatform } from './sources/repository/around.ts';
import {
  type ReadEnvironment,
  type Repository,
  type RepositoryOptions,
  readRepository,
} from './sources/repository/read-repository.ts';
import type { Snapshot } from './sources/snapshot.ts';

/** What one run over a repository is asked to judge. */
export interface RepositoryInputs extends Pick<CheckInputs, 'checks' | 'waivers' | 'selector' | 'version'> {
  /** Absolute path of the folder. */
  path: string;
  read: RepositoryOptions;
  /** Folder of a recording that is put around what is judged. */
  around?: string;
}

/** One judgement for each environment, and what could not be judged. */
export interface RepositoryRun extends Omit<Repository, 'environments'> {
  runs: CheckRun[];
}

/** Reads, renders and judges what stands in a repository, before it is applied anywhere. */
export async function checkRepository(inputs: RepositoryInputs, ports: Ports): Promise<RepositoryRun> {
  const recording = inputs.around === undefined ? undefined : await recorded(inputs.around);
  const { environments, failed, leftOut } = await readRepository(inputs.path, inputs.read, ports);
  const now = ports.now().toISOString();
  const runs = environments.map((environment): CheckRun => {
    const { snapshot, assumes } = snapshotOf(environment, recording);
    const run = runChecks(snapshot, {
      startedAt: now,
      today: now.slice(0, 10),
      checks: inputs.checks,
      waivers: inputs.waivers,
      ...(recording ? {} : { leaveOpen: true as const }),
      ...(inputs.version ? { version: inputs.version } : {}),
      ...(inputs.selector ? { selector: inputs.selector } : {}),
    });
    return { ...run, environment: judged(environment, assumes) };
  });
  return { runs, failed, leftOut };
}

const judged = ({ name, by }: ReadEnvironment, assumes: string[]): JudgedEnvironment => ({
  name,
  ...(by ? { renderedBy: by } : {}),
  assumes,
});

async function recorded(folder: string): Promise<Snapshot> {
  const { readRecording } = await import('./sources/recording/recording.ts');
  return readRecording(folder);
}

/** What is judged, and what is taken for granted of it. */
function snapshotOf(environment: ReadEnvironment, recording: Snapshot | undefined) {
  const { name, collected, namespace } = environment;
  const where =
    namespace === undefined
      ? []
      : [
          `Objects that name no namespace go to ${namespace.name}, ${namespace.by === 'nobody' ? 'for nobody says otherwise' : `as ${namespace.by} says`}.`,
        ];
  const only = alone(name, collected, namingParts);
  const shared = sharedNamespaces(only, recording);
  const whole = only.scope?.filter((each) => !shared.has(each) && !isSeen(each, recording)) ?? [];
  return {
    snapshot: { ...(recording ? withPlatform(name, collected, recording) : only), shared },
    assumes: [
      ...where,
      ...(whole.length > 0 ? [`These manifests are all that is in ${whole.join(', ')}.`] : []),
      ...(shared.size > 0
        ? [
            `Others deliver to ${[...shared].join(', ')} too: whether the services that it calls are there was not looked at.`,
          ]
        : []),
      recording
        ? `Around it stands what was recorded of ${recording.source.context}; what has the same names there is replaced.`
        : 'The platform is not known: what only it could answer was not looked at. --with RECORDING puts one around it.',
    ],
  };
}

/** Somebody's services stand there already. */
const isSeen = (namespace: string, recording: Snapshot | undefined): boolean =>
  (recording?.objects.get('services') ?? []).some(({ metadata }) => metadata.namespace === namespace);

/** One application alone is no system: whom it calls is delivered by others. */
function sharedNamespaces(snapshot: Snapshot, recording: Snapshot | undefined): ReadonlySet<string> {
  const { components, classOf } = buildFacts(snapshot);
  const applications = new Map<string, number>();
  for (const component of components)
    if (classOf(component).class === 'application')
      applications.set(component.namespace, (applications.get(component.namespace) ?? 0) + 1);
  return new Set(
    [...applications].flatMap(([namespace, number]) =>
      number === 1 && !isSeen(namespace, recording) ? [namespace] : [],
    ),
  );
}
