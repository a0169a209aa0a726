import { apply } from './apply.ts';
import { settle } from './settle.ts';
import { startCluster } from './start.ts';

// `npm run cluster [-- FOLDER…]`: a cluster for a person, until Ctrl-C; what the folders hold is applied to it.
const tell = (line: string) => process.stderr.write(`${line}\n`);
tell('Starting etcd, the API server, the controller manager and the scheduler');
const cluster = await startCluster(tell);
if ('missing' in cluster) {
  tell(`No cluster on this machine: ${cluster.missing}`);
  process.exit(1);
}
let stopping = false;
const stop = async () => {
  if (stopping) return;
  stopping = true;
  tell('\nStopping');
  await cluster.stop();
  process.exit(0);
};
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);

for (const folder of process.argv.slice(2)) {
  const applied = await apply(cluster.api, folder);
  await settle(cluster.api);
  tell(`Applied ${applied.objects.length} objects of ${folder}`);
}
process.stdout.write(`export KUBECONFIG=${cluster.kubeconfig}\n`);
tell(
  'Ready. In another terminal: run the line above, then `npx msvc check-cluster -A`. Ctrl-C stops it and removes its data.',
);
