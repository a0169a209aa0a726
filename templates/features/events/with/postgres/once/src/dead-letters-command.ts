import { pino } from 'pino';
import type { Broker } from './platform/events/broker.ts';
import { type DeadLetter, deadLetters, drop, replay } from './platform/events/dead-letter.ts';
import { openBroker } from './platform/events/open-broker.ts';

const usage = `Usage: npm run dead-letters -- <command>     (in the image: node dist/dead-letters-command.js <command>)

  list                       events that this service could not handle, the oldest first
  show <number>              one of them, with its headers and data
  replay <number>… | --all   has them handled again, once what was wrong is mended
  drop <number>…             removes them: nobody will ever handle them
`;

process.exitCode = await main(process.argv.slice(2)).catch((error: Error) => {
  process.stderr.write(`${error.message}\n`);
  return 1;
});

async function main([command, ...args]: string[]): Promise<number> {
  const isAll = args.length === 1 && args[0] === '--all';
  const numbers = args.map(Number);
  const isNumbers = args.length > 0 && numbers.every((number) => Number.isSafeInteger(number) && number > 0);
  const isKnown =
    (command === 'list' && args.length === 0) ||
    (command === 'show' && isNumbers && numbers.length === 1) ||
    (command === 'replay' && (isAll || isNumbers)) ||
    (command === 'drop' && isNumbers);
  if (!isKnown) {
    process.stderr.write(usage);
    return 2;
  }
  const broker = openBroker(process.env, pino({ level: 'silent' }));
  try {
    await broker.connected(10_000);
    if (command === 'list') return await list(broker);
    const wanted = await find(broker, isAll ? undefined : numbers);
    for (const letter of wanted) {
      if (command === 'show') process.stdout.write(`${JSON.stringify(letter, null, 2)}\n`);
      else await settle(broker, letter, command === 'drop' ? 'drop' : 'replay');
    }
    return 0;
  } finally {
    await broker.close();
  }
}

async function list(broker: Broker): Promise<number> {
  let count = 0;
  for await (const letter of deadLetters(broker)) {
    count += 1;
    process.stdout.write(`${line(letter)}\n`);
  }
  process.stdout.write(`${count} dead letter${count === 1 ? '' : 's'}\n`);
  return 0;
}

async function find(broker: Broker, numbers: readonly number[] | undefined): Promise<DeadLetter[]> {
  const found: DeadLetter[] = [];
  for await (const letter of deadLetters(broker)) {
    if (numbers === undefined || numbers.includes(letter.number)) found.push(letter);
  }
  const missing = numbers?.find((number) => !found.some((letter) => letter.number === number));
  if (missing !== undefined) throw new Error(`There is no dead letter ${missing}: see "list".`);
  return found;
}

async function settle(broker: Broker, letter: DeadLetter, how: 'replay' | 'drop'): Promise<void> {
  if (how === 'replay') await replay(broker, letter);
  else await drop(broker, letter);
  process.stdout.write(`${letter.number} ${how === 'replay' ? `goes to ${letter.consumer} again` : 'is dropped'}\n`);
}

function line({ number, subject, headers, deadLetteredAt, reason }: DeadLetter): string {
  // From outside: nothing in it may move the cursor.
  return `${number}  ${subject}  ${headers['ce-id'] ?? ''}  ${deadLetteredAt.toISOString()}  ${reason}`.replace(
    /[\p{C}]/gu,
    ' ',
  );
}
