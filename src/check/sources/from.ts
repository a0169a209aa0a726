import { isRecording, readRecording } from './recording/recording.ts';
import type { Snapshot } from './snapshot.ts';

/** How a folder or a text is read. */
export interface FromOptions {
  /** Manifests that came in through standard input; the path is then how a report calls them. */
  text?: string;
  /** A file of manifests that is broken is told, and the rest is judged. */
  keepGoing?: boolean;
}

/** `--from`: a recording where the folder is one, else its manifests. */
export async function readFrom(path: string, { text, keepGoing = false }: FromOptions = {}): Promise<Snapshot> {
  if (text === undefined && isRecording(path)) return readRecording(path);
  const { readManifests, readManifestText } = await import('./manifests/manifests.ts');
  return text === undefined ? readManifests(path, { keepGoing }) : readManifestText(text, path, { keepGoing });
}
