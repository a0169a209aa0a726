import { appContainers } from '../configuration/references.ts';
import type { Setting } from '../configuration/settings.ts';
import type { Component } from '../graph/components.ts';

/** Whether the files of an agent leave a component's logs out; `unclear`: they choose, by what nobody can follow here. */
export type Selection = 'all' | 'none' | 'unclear';

/** Rules that drop or keep lines by where they come from, of every agent in the tables: what drops, and by what. */
const drops =
  /^\s*-?\s*action:\s*["']?(drop|keep)\b|^\s*(name|@type)\s+grep\b|\bdrop_event\b|^\s*type\s*[:=]\s*["']?filter\b/im;
const byOrigin =
  /__meta_kubernetes_(namespace|pod|container|service|controller)|kubernetes["'\]]*[.[]["']*(\w*namespace|pod|container|labels|annotations)|\.kubernetes\.(pod_)?namespace/i;
/** Fields of Vector that choose pods by labels, fields or files. */
const selectors =
  /^\s*["']?(extra_(label|field|namespace_label)_selector|(in|ex)clude_paths_glob_patterns)["']?\s*[:=]/im;

const folder = '/var/log/';
const glob = /\/var\/log\/(?:pods|containers)\/[^\s"',;\]})]+/g;
const isPattern = (word: string): boolean => /^[\w.*/-]{1,256}$/.test(word) && word.includes('*');

interface Globs {
  included: string[];
  excluded: string[];
  /** It leaves files out by something else than globs. */
  strange: boolean;
}

/** Files that inputs read and leave out, by the name before them or of the list that they stand in. */
function globsIn(text: string): Globs {
  const found: Globs = { included: [], excluded: [], strange: false };
  let key = '';
  for (const line of text.split('\n')) {
    if (/^\s*(#|\/\/)/.test(line)) continue;
    const own = /^\s*(?:-\s+)?["']?([A-Za-z_]\w{0,40})["']?\s*(?:[:=]\s*|\s+)(.*)$/.exec(line.slice(0, 4096));
    const isItem = (!own && /^\s*-\s/.test(line)) || /^\s*-?\s*["']?[*/]/.test(line);
    if (own && !isItem) key = own[1] ?? '';
    const leavesOut = /^exclude(_path|_paths|_files)?$/i.test(key);
    const values = isItem ? line : (own?.[2] ?? '');
    const globs = values.match(glob) ?? [];
    if (!leavesOut) found.included.push(...globs);
    else {
      const words = values.split(/[\s,[\]"']+/).filter((word) => word !== '' && word !== '-');
      found.excluded.push(...words.filter(isPattern));
      // `Exclude log health` of Fluent Bit's grep is about what a line says.
      if (
        /^exclude_(path|paths|files)$/i.test(key) &&
        words.some((word) => !isPattern(word) && !word.startsWith(folder))
      )
        found.strange = true;
    }
  }
  return found;
}

/** `*` within one name, `**` across folders; linear, as its pieces are looked for in order. */
function fits(pattern: string, path: string): boolean {
  const pieces = pattern.split('*');
  let from = 0;
  for (const [index, piece] of pieces.entries()) {
    const at = index === 0 ? (path.startsWith(piece) ? 0 : -1) : path.indexOf(piece, from);
    if (at < 0) return false;
    from = at + piece.length;
  }
  return pieces.at(-1) === '' || path.endsWith(pieces.at(-1) ?? '');
}

/** Where the kubelet writes what its containers print. */
const filesOf = ({ workloads, namespace }: Component): string[] =>
  workloads.flatMap((workload) => {
    const pods = workload.pods.length > 0 ? workload.pods.map(({ metadata }) => metadata.name) : [`${workload.name}-0`];
    return pods.flatMap((pod) =>
      appContainers(workload).flatMap(({ name }) => [
        `/var/log/containers/${pod}_${namespace}_${name}-0123456789abcdef.log`,
        `/var/log/pods/${namespace}_${pod}_00000000-0000-0000-0000-000000000000/${name}/0.log`,
      ]),
    );
  });

/** What the files that an agent is given choose of a component's logs. */
export function selectionOf(files: readonly Setting[], component: Component): Selection {
  const text = files
    .filter(({ source, value }) => source === 'file' && value.length <= 256 * 1024)
    .map(({ value }) => value)
    .join('\n');
  if ((drops.test(text) && byOrigin.test(text)) || selectors.test(text)) return 'unclear';
  const { included, excluded, strange } = globsIn(text);
  if (strange) return 'unclear';
  const own = filesOf(component);
  const inFolders = (globs: readonly string[]): string[] =>
    own.filter(
      (path) => globs.length === 0 || globs.some((each) => path.startsWith(each.slice(0, '/var/log/pods'.length))),
    );
  // Of two folders that hold the same lines it may read one.
  const read = inFolders(included);
  const taken = included.length === 0 ? read : read.filter((path) => included.some((each) => fits(each, path)));
  const left = taken.filter((path) => !excluded.some((each) => fits(each, path)));
  return left.length === read.length ? 'all' : left.length === 0 ? 'none' : 'unclear';
}
