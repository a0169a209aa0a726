import type { Settle } from './merge-tree.ts';

const version = /^"([~^]?)(\d+)\.(\d+)\.(\d+)"$/;

/**
 * A dependency that both sides raised: the higher version. A person who follows a bot's updates would otherwise meet a
 * conflict at every update. Anything else than two plain versions is theirs to decide.
 */
export const settleVersions: Settle = (path, mine, theirs) => {
  if (path.length !== 2 || !/^"(?:dev|optional|peer)?[dD]ependencies"$/.test(path[0] ?? '')) return undefined;
  const [ours, other] = [version.exec(mine), version.exec(theirs)];
  if (!ours || !other || ours[1] !== other[1]) return undefined;
  const part = [2, 3, 4].find((index) => ours[index] !== other[index]);
  return part === undefined || Number(ours[part]) > Number(other[part]) ? 'mine' : 'theirs';
};
