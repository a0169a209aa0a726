import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type ServiceName, services, tour } from './tour.ts';

const code = join(import.meta.dirname, 'code');

/** What the code of this system takes the place of, and what is run once it is there, as each service's README says. */
const byHand: Readonly<Record<ServiceName, { replaces?: readonly string[]; after?: readonly string[] }>> = {
  inventory: { replaces: ['src/rpc/items.ts', 'src/items'], after: ['npm run contract -- 2.0.0'] },
  payments: { after: ['npm run contract'] },
  notifications: {},
  orders: {},
  gateway: {},
};

interface Means {
  /** Runs a line in a folder. @throws where it does not end with 0 */
  run(line: string, cwd: string): Promise<unknown>;
  /** Gives a service the packages that it declares. */
  install(service: string): Promise<unknown>;
}

/** Makes the system of the tour below `folder`, by its own commands, and writes into each service what a person would. */
export async function makeSystem(folder: string, { run, install }: Means): Promise<void> {
  for (const service of services) {
    const cwd = join(folder, service);
    for (const { in: place, lines } of tour.filter((one) => serviceOf(one.lines, one.in) === service))
      for (const line of lines)
        await run(`${line} --no-install${place ? ' --yes' : ' --no-git --yes'}`, join(folder, place ?? ''));
    const { replaces = [], after = [] } = byHand[service];
    for (const path of replaces) await rm(join(cwd, path), { recursive: true });
    if (service !== 'gateway') await cp(join(code, service), cwd, { recursive: true });
    await install(cwd);
    for (const line of after) await run(line, cwd);
    await run('npm run build', cwd);
  }
}

const serviceOf = ([line = '']: readonly string[], place: string | undefined) => place ?? line.split(' ')[1];
