import type { CheckInputs } from '../../../check/check-cluster.ts';
import { UserError } from '../../../errors.ts';
import { harmless } from '../../../harmless.ts';
import type { Ports } from '../../../ports.ts';
import { widest, wrap } from '../../../wrap.ts';
import type { CommandResult } from '../../command.ts';
import type { CheckFlags } from './inputs.ts';

/** `--print-rbac[=tier]`, with the rights to ask pods where those were named too. @throws UserError TIER for a role that there is not */
export async function printRbac(
  tier: string | true,
  { probe = false, sampleLogs = false }: { probe?: boolean | undefined; sampleLogs?: boolean | undefined } = {},
): Promise<CommandResult> {
  const { printRole, tiers } = await import('../../../check/sources/resources/rbac.ts');
  const wanted = tier === true ? 'cluster' : tiers.find((candidate) => candidate === tier);
  if (!wanted)
    throw new UserError({
      code: 'TIER',
      what: `There is no role "${tier}"`,
      why: `The roles are ${tiers.join(', ')}.`,
      fix: 'For example: msvc check-cluster --print-rbac=namespaced',
    });
  return { output: printRole(wanted, { probe, sampleLogs }), exitCode: 0 };
}

/**
 * `--print-cronjob IMAGE`, which judges what this run would.
 *
 * @throws UserError IMAGE where it names no version; and whatever else no run could mean
 */
export async function printCronJobOf(
  image: string,
  flags: CheckFlags & JobFlags,
  ports: Ports,
): Promise<CommandResult> {
  const [{ printCronJob }, { checkInputs }, { imageReference, isUnpinned }, { shareOf }] = await Promise.all([
    import('../../../check/sources/resources/cron-job.ts'),
    import('./inputs.ts'),
    import('../../../check/inventory/kubernetes/images.ts'),
    import('./share.ts'),
  ]);
  if (!/^[\w][\w.:/@-]*$/.test(image) || isUnpinned(imageReference(image)))
    throw new UserError({
      code: 'IMAGE',
      what: `"${image}" is no image with a version`,
      why: 'Two runs of it may be two programs, and deployment-automation would call that a fault.',
      fix: 'Name its tag or digest: msvc check-cluster --print-cronjob registry.example.com/msvc:1.2.3',
    });
  checkInputs(flags, ports);
  shareOf(flags.minCoverage);
  const { namespace, only, skip, selector, minCoverage, probe = false, sampleLogs = false } = flags;
  const options = [
    ...(probe ? ['--probe'] : []),
    ...(sampleLogs ? ['--sample-logs'] : []),
    ...(selector === undefined ? [] : ['-l', selector]),
    ...(only ? ['--only', only.join(',')] : []),
    ...(skip ? ['--skip', skip.join(',')] : []),
    ...(minCoverage === undefined ? [] : ['--min-coverage', minCoverage]),
  ];
  return {
    output: printCronJob({
      image,
      options,
      rights: { probe, sampleLogs },
      ...(namespace ? { namespaces: [...new Set(namespace)].sort() } : {}),
    }),
    exitCode: 0,
  };
}

interface JobFlags {
  minCoverage?: string | undefined;
}

/** `--can-i`: what may not be read, and which checks will say `unknown` for it. */
export async function printRights(inputs: CheckInputs, ports: Ports): Promise<CommandResult> {
  const [{ canI }, { partsOf }] = await Promise.all([
    import('../../../check/sources/cluster/can-i.ts'),
    import('../../../check/check-cluster.ts'),
  ]);
  const parts = partsOf(inputs.checks, inputs.probes);
  const { context, permissions } = await canI({ ...inputs.cluster, parts }, ports, inputs.probes);
  const missing = permissions.filter(({ answer }) => answer !== 'yes');
  const affected = (part: string): string => {
    if (part.startsWith('pods/')) return part === 'pods/log' ? '--sample-logs' : '--probe';
    const named = inputs.checks.filter(({ reads }) => reads.needs.includes(part) || reads.uses.includes(part));
    return named.length === 0 || named.length === inputs.checks.length
      ? 'every check'
      : named.map(({ id }) => id).join(', ');
  };
  if (missing.length === 0)
    return {
      output: `${harmless(context)}: all ${permissions.length} ${inputs.probes ? 'lists and requests are allowed' : 'lists may be read'}.\n`,
      exitCode: 0,
    };
  const rows = missing.map(({ part, namespace, answer, detail }) => {
    const where = namespace === undefined ? 'in the whole cluster' : `in ${namespace}`;
    const what = answer === 'no' ? 'may not be read' : `could not be asked about${detail ? ` (${detail})` : ''}`;
    return `  ${part} ${where} ${what}: ${affected(part)}`;
  });
  const room = Math.min(ports.stdout.columns, widest);
  const summary = `${harmless(context)}: ${missing.length} of ${permissions.length} lists may not be read; these checks will say unknown where they need them.`;
  const lines = [
    ...wrap(summary, room),
    ...rows.flatMap((row) => wrap(harmless(row), room, '    ')),
    'The least role that reads everything: msvc check-cluster --print-rbac',
  ];
  return { output: `${lines.join('\n')}\n`, exitCode: 0 };
}
