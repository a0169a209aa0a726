import { writeFile } from 'node:fs/promises';
import { contractFile, contractOf, findEvents, readContract } from './find-events.ts';

/**
 * `npm run event-contracts`: writes contracts/events/ for events and versions that have no file yet. One that is there is
 * never changed: other teams are built on it. Raise the version in src/events/; delete the file only if nobody has read it.
 */
for (const event of await findEvents()) {
  const file = contractFile(event);
  if (await readContract(event)) {
    console.log(`${file} stays as it is`);
    continue;
  }
  await writeFile(file, `${JSON.stringify(contractOf(event), null, 2)}\n`);
  console.log(`${file} written: name it in contracts/asyncapi.yaml`);
}
