import type { PackageManager } from '../../generate/record.ts';
import { installDependencies } from '../../generate/tools/install.ts';
import { harmless } from '../../harmless.ts';
import type { Ports } from '../../ports.ts';
import { quoted } from './next-commands.ts';

interface InstallStep {
  directory: string;
  /** `directory` as the person types it, for the command to go on with. */
  where: string;
  packageManager: PackageManager;
  ports: Ports;
}

/** Installs, and tells of it. A failure leaves the service as it is and says how to go on. */
export async function installStep({
  directory,
  where,
  packageManager,
  ports,
}: InstallStep): Promise<'done' | 'failed'> {
  const { progress, env, signal, stderr } = ports;
  const goOn = `${where === '' ? '' : `cd ${quoted(where)} && `}${packageManager} install`;
  progress.step(`Installing dependencies with ${packageManager}`);
  try {
    const outcome = await installDependencies(directory, packageManager, { env, signal });
    if (outcome.ok) {
      progress.done(`Dependencies installed in ${outcome.seconds.toFixed(0)} s`);
      return 'done';
    }
    progress.fail('Dependencies are not installed');
    stderr.write(`${harmless(outcome.tail).trimEnd()}\n\nerror INSTALL_FAILED: ${harmless(outcome.reason)}\n`);
    stderr.write(`  why: the service itself is complete; only its dependencies are missing.\n  fix: ${goOn}\n`);
    return 'failed';
  } catch (error) {
    if (signal.aborted) progress.fail(`Stopped. The service is complete; its dependencies are not. Go on: ${goOn}`);
    throw error;
  }
}
