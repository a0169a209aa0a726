import { asLf, inEndingsOf } from '../../formats/line-endings.ts';
import { keepsLines } from './keeps-lines.ts';
import { mergeEnv } from './merge-env.ts';
import { mergeJson } from './merge-json.ts';
import { mergeText, withMarkers } from './merge-text.ts';
import { clean, conflict, type Outcome } from './outcome.ts';
import { settleVersions } from './settle-versions.ts';

type Merge = (base: string, mine: string, theirs: string) => Outcome;

async function mergeOf(path: string): Promise<Merge> {
  const file = path.slice(path.lastIndexOf('/') + 1);
  if (file === 'package.json') return (base, mine, theirs) => mergeJson(base, mine, theirs, settleVersions);
  if (file.endsWith('.json')) return mergeJson;
  if (/\.ya?ml$/.test(file)) return (await import('./merge-yaml.ts')).mergeYaml;
  if (/^\.env(?:\.|$)/.test(file)) return mergeEnv;
  return (base, mine, theirs) => {
    const outcome = mergeText(base, mine, theirs);
    const keeps = outcome.clean && keepsLines(base.split('\n'), mine.split('\n'), outcome.content.split('\n'));
    return keeps ? outcome : conflict;
  };
}

/** Both sides' changes to one file, by its format, in the line endings of `mine`. */
export async function mergeFile(path: string, base: string, mine: string, theirs: string): Promise<Outcome> {
  const merge = await mergeOf(path);
  const outcome = merge(asLf(base), asLf(mine), asLf(theirs));
  return outcome.clean ? clean(inEndingsOf(mine, outcome.content)) : outcome;
}

/** What `--write-conflicts` leaves in a file, in the line endings of `mine`. */
export const markConflict = (base: string, mine: string, theirs: string): string =>
  inEndingsOf(mine, withMarkers(asLf(base), asLf(mine), asLf(theirs)));
