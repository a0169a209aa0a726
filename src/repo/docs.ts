import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { checksTable, commandsTable, exitCodesTable, featuresTable } from './tables.ts';

const readme = fileURLToPath(new URL('../../README.md', import.meta.url));

const tables: Record<string, () => string> = {
  commands: commandsTable,
  features: featuresTable,
  checks: checksTable,
  'exit-codes': exitCodesTable,
};

/** The README with each table between `<!-- table:<name> -->` and `<!-- /table:<name> -->` made anew from the code. */
export function withTables(text: string): string {
  return Object.entries(tables).reduce((whole, [name, table]) => {
    const [start, end] = [`<!-- table:${name} -->`, `<!-- /table:${name} -->`];
    const [from, to] = [whole.indexOf(start), whole.indexOf(end)];
    if (from < 0 || to < from) throw new Error(`README.md has no place for the table "${name}": add ${start}${end}`);
    return `${whole.slice(0, from + start.length)}\n${table()}\n${whole.slice(to)}`;
  }, text);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const before = readFileSync(readme, 'utf8');
  const after = withTables(before);
  if (after === before) console.log('README.md is up to date');
  else if (process.argv.includes('--check')) {
    console.error('README.md is not what the code says; run: npm run docs');
    process.exitCode = 1;
  } else {
    writeFileSync(readme, after);
    console.log('README.md: tables written');
  }
}
