import { breakingOf, tellChanges } from './contracts/tell-changes.ts';
import { writeJson } from './contracts/write-json.ts';
import { breakingAdvice, compareWithContract, contractFile, contractOf, findEvents } from './find-events.ts';

/**
 * `npm run event-contracts`: writes contracts/events/ from src/events/. An added optional field is no new version; a change
 * that breaks somebody is refused, with what to do.
 */
for (const event of await findEvents()) {
  const file = contractFile(event);
  const changes = await compareWithContract(event);
  if (changes?.length === 0) {
    console.log(`${file} is up to date`);
    continue;
  }
  if (changes) console.log(`${event.type}:\n${tellChanges(changes)}`);
  if (changes && breakingOf(changes).length > 0) {
    console.error(breakingAdvice(event));
    process.exitCode = 1;
  } else {
    await writeJson(file, contractOf(event));
    console.log(changes ? `${file} has it now` : `${file} written: name it in contracts/asyncapi.yaml`);
  }
}
