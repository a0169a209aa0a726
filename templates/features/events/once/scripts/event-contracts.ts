import { writeFile } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import { contractFile, contractOf, findEvents, readContract } from './find-events.ts';

/**
 * `npm run event-contracts`: writes contracts/events/ for events and versions that have no file yet. One that is there is
 * never changed, since other teams may be built on it; an event that differs from its file is told, with what to do.
 */
for (const event of await findEvents()) {
  const file = contractFile(event);
  const agreed = await readContract(event);
  if (agreed === undefined) {
    await writeFile(file, `${JSON.stringify(contractOf(event), null, 2)}\n`);
    console.log(`${file} written: name it in contracts/asyncapi.yaml`);
  } else if (isDeepStrictEqual(contractOf(event), agreed)) {
    console.log(`${file} is up to date`);
  } else {
    console.error(
      `${file} says something else: raise the version in src/events/${event.subject}.ts and run this again.`,
    );
    console.error('  Where nobody has read it yet: delete it, and run this again.');
    process.exitCode = 1;
  }
}
