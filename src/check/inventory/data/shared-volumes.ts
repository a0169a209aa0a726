import { append } from '../../../multimap.ts';
import type { Evidence } from '../../contract.ts';
import type { Facts } from '../facts.ts';
import type { Component } from '../graph/components.ts';
import { at, texts } from '../kubernetes/fields.ts';
import { workloadName } from '../kubernetes/workloads.ts';
import { perRun } from '../per-run.ts';

const claims = 'persistentvolumeclaims';

interface Mount {
  component: Component;
  evidence: Evidence;
  /** Folders of the volume that are mounted; '' is all of it. */
  folders: Set<string>;
}

/** A claim that another application mounts too. */
export interface SharedVolume {
  claim: string;
  with: Component;
  evidence: Evidence[];
  /** Whether anybody may write to it; undefined where the claim was not read. */
  written: boolean | undefined;
}

/** Who mounts which claim: applications only, since jobs and backups work in somebody's name. */
const mounts = perRun((facts): ReadonlyMap<string, readonly Mount[]> => {
  const found = new Map<string, Mount[]>();
  for (const component of facts.components.filter((each) => facts.classOf(each).class === 'application'))
    for (const workload of component.workloads)
      (workload.spec.volumes ?? []).forEach((volume, index) => {
        const claim = volume.persistentVolumeClaim?.claimName;
        if (!claim) return;
        const folders = workload.spec.containers.flatMap(({ volumeMounts = [] }) =>
          volumeMounts.filter(({ name }) => name === volume.name).map(({ subPath = '' }) => subPath),
        );
        const evidence = {
          object: workloadName(workload),
          path: `${workload.specPath}.volumes[${index}].persistentVolumeClaim.claimName`,
          value: claim,
        };
        const key = `${component.namespace}/${claim}`;
        append(found, key, { component, evidence, folders: new Set(folders) });
      });
  return found;
});

const overlap = (a: Mount, b: Mount): boolean =>
  [...a.folders].some((folder) => folder === '' || b.folders.has('') || b.folders.has(folder));

/** Volumes that this service and another application both mount, each other service once. */
export function volumesShared(component: Component, facts: Facts): SharedVolume[] {
  const shared = new Map<Component, SharedVolume>();
  for (const [key, users] of mounts(facts)) {
    const mine = users.filter((mount) => mount.component === component);
    for (const theirs of users) {
      const own = mine.find((mount) => theirs.component !== component && overlap(mount, theirs));
      if (!own || shared.has(theirs.component)) continue;
      const [namespace = '', claim = ''] = key.split('/', 2);
      const object = facts.list(claims).find(({ metadata }) => `${metadata.namespace}/${metadata.name}` === key);
      const modes = object ? texts(at(object, 'spec', 'accessModes')) : undefined;
      const complete = facts.ledger.complete(claims, namespace);
      shared.set(theirs.component, {
        claim,
        with: theirs.component,
        evidence: [own.evidence, theirs.evidence],
        written: modes ? modes.some((mode) => mode !== 'ReadOnlyMany') : complete ? true : undefined,
      });
    }
  }
  return [...shared.values()];
}
