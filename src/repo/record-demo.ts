import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { apply } from '../../test/cluster/apply.ts';
import { settle } from '../../test/cluster/settle.ts';
import { startCluster } from '../../test/cluster/start.ts';
import { readCluster } from '../check/sources/cluster/cluster.ts';
import { readRecording, writeRecording } from '../check/sources/recording/recording.ts';
import { processPorts } from '../cli/ports/process-ports.ts';

// `npm run demo`: records the example system on a real control plane for `msvc check-cluster --demo`.
const root = join(import.meta.dirname, '..', '..');
const cluster = await startCluster((line) => process.stderr.write(`${line}\n`));
if ('missing' in cluster) throw new Error(`no cluster on this machine: ${cluster.missing}`);
try {
  await apply(cluster.api, join(root, 'test', 'check', 'systems', 'demo.yaml'), { namespace: 'shop', manager: 'helm' });
  await settle(cluster.api);
  const snapshot = await readCluster({ kubeconfig: cluster.kubeconfig, namespaces: 'all' }, processPorts([]));
  const folder = await mkdtemp(join(tmpdir(), 'msvc-demo-'));
  await writeRecording({ ...snapshot, source: { ...snapshot.source, context: 'demo' } }, folder);
  const { objects, ...rest } = await readRecording(folder);
  const used = [...objects].filter(([part, list]) => list.length > 0 && part !== 'replicasets.apps');
  const file = join(root, 'src', 'check', 'sources', 'recording', 'demo.json');
  await writeFile(file, `${JSON.stringify({ ...rest, objects: used })}\n`);
} finally {
  await cluster.stop();
}
process.exit(0);
