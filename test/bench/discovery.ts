import { execFileSync } from 'node:child_process';
import { atMost, type Bench, type Lost, lostRows, median, type Row } from './bench.ts';
import { makeService } from './make-service.ts';
import { ratios } from './time-commands.ts';

type Contestant = 'ours' | 'theirs';
type Way = 'one' | Contestant | `${'one' | Contestant}Client`;

interface Figures {
  /** Microseconds a call, a number a round. */
  cost: Record<Way, number[]>;
  lost: Record<'graceful' | 'killed' | 'killedRetried' | 'failing' | 'frozen', Record<Contestant, Lost>>;
}

const rival = 'BalancedPool in the same client';

/** A service that balances by itself, made as a user would. */
function measure(): Figures {
  const { folder, bring } = makeService('discovery', '--template', 'nothing', '--with', 'discovery');
  for (const file of ['discovery-speed.mjs', 'discovery-upstream.mjs', 'churn-upstreams.mjs']) bring(file, 'scripts');
  const output = execFileSync(process.execPath, ['--import', 'tsx', 'scripts/discovery-speed.mjs'], {
    cwd: folder,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return JSON.parse(output.trim().split('\n').at(-1) ?? '') as Figures;
}

const informs = (what: string, ours: number[], theirs: number[]): Row => ({
  what,
  result: `${median(ratios(ours, theirs)).toFixed(2)} × (${median(ours).toFixed(0)} µs)`,
});

export const bench: Bench = {
  id: 'discovery',
  title: 'Balancing over the instances of a service',
  subject: 'service',
  how: 'Three instances as processes, 16 calls at once. Cost: processor time of the calling process a call, against one address, run in turn; medians of the ratios of each round. Churn: the generated client, once over our balancer and once over undici’s BalancedPool, for some seconds in which something happens to one of three; lost is what ends without an answer, retried or not.',
  async run(tell) {
    tell('making and installing a service, then some two minutes of calls');
    const { cost, lost } = measure();
    return [
      atMost('Processor time of a request over the balancer, against one address', 1.4, ratios(cost.ours, cost.one)),
      informs('… over BalancedPool', cost.theirs, cost.one),
      informs('… over the balancer, with all that the generated client does', cost.oursClient, cost.oneClient),
      ...lostRows(rival, 'Lost when one leaves gracefully, no retries', lost.graceful, true),
      ...lostRows(rival, 'Lost when one is killed and the list is 3 s late, no retries', lost.killed, false),
      ...lostRows(rival, 'Lost when one is killed and the list is 3 s late, retried', lost.killedRetried, true),
      ...lostRows(rival, 'Lost when one of three answers 503, retried', lost.failing, true),
      ...lostRows(rival, 'Lost when one of three is frozen, retried', lost.frozen, true),
    ];
  },
};
