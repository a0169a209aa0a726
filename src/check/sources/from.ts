import { isRecording, readRecording } from './recording/recording.ts';
import type { Snapshot } from './snapshot.ts';

/** `--from`: a recording where the folder is one, else its manifests. */
export async function readFrom(folder: string): Promise<Snapshot> {
  if (isRecording(folder)) return readRecording(folder);
  const { readManifests } = await import('./manifests/manifests.ts');
  return readManifests(folder);
}
