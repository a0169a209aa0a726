import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Lines, type ServiceName, services, tour } from './tour.ts';

const code = join(import.meta.dirname, 'code');

/** What a person does in a service beside writing its code, as its README says. */
interface ByHand {
  /** Before the code is there. */
  before?: readonly string[];
  /** What the code takes the place of. */
  replaces?: readonly string[];
  after?: readonly string[];
}

const byHand: Readonly<Record<ServiceName, ByHand>> = {
  inventory: {
    replaces: ['src/rpc/items.ts', 'src/items', 'test/items-rpc.test.ts'],
    after: ['npm run contract -- 2.0.0'],
  },
  payments: { before: ['msvc remove feature example --yes --no-install'], after: ['npm run contract'] },
  notifications: {
    // What it relies on is less than the event that it was made for.
    replaces: ['contracts/events/orders.confirmed.v1.json'],
    after: ['npm run event-contracts'],
  },
  orders: { after: ['npm run contract -- 2.0.0'] },
  gateway: {},
};

interface Means {
  /** Runs a line in a folder. @throws where it does not end with 0 */
  run: Run;
  /** Gives a service the packages that it declares. */
  install(service: string): Promise<unknown>;
}

type Run = (line: string, cwd: string) => Promise<unknown>;

/** Types the tour below `folder`, without installs; `done` is called once all lines of a service have been typed. */
export async function typeTour(
  folder: string,
  run: Run,
  done: (service: ServiceName) => unknown = () => {},
): Promise<void> {
  for (const service of services) {
    for (const { in: place, lines } of tour.filter((one) => serviceOf(one) === service))
      for (const line of lines)
        await run(`${line} --no-install${place ? ' --yes' : ' --no-git --yes'}`, join(folder, place ?? ''));
    await done(service);
  }
}

const serviceOf = ({ in: place, lines: [line = ''] }: Lines) => place ?? line.split(' ')[1];

/** Makes the system of the tour below `folder`, by its own commands, and writes into each service what a person would. */
export const makeSystem = (folder: string, { run, install }: Means): Promise<void> =>
  typeTour(folder, run, async (service) => {
    const cwd = join(folder, service);
    const { before = [], replaces = [], after = [] } = byHand[service];
    for (const line of before) await run(line, cwd);
    for (const path of replaces) await rm(join(cwd, path), { recursive: true });
    if (service !== 'gateway') await cp(join(code, service), cwd, { recursive: true });
    await install(cwd);
    for (const line of after) await run(line, cwd);
    await run('npm run build', cwd);
  });
