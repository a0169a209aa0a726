import type { CheckInputs } from '../../../check/check-cluster.ts';
import { UserError } from '../../../errors.ts';
import { harmless } from '../../../harmless.ts';
import type { Ports } from '../../../ports.ts';
import { widest, wrap } from '../../../wrap.ts';
import type { CommandResult } from '../../command.ts';

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
    return { output: `${harmless(context)}: all ${permissions.length} lists may be read.\n`, exitCode: 0 };
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
