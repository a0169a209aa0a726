// Only reads and parses the YAML below a folder, whole, as anything that looks at manifests must.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';

const [folder = '.'] = process.argv.slice(2);
let objects = 0;
for (const name of readdirSync(folder)) {
  if (!/\.ya?ml$/.test(name)) continue;
  for (const document of parseAllDocuments(readFileSync(join(folder, name), 'utf8'))) if (document.toJS()) objects += 1;
}
if (objects === 0) throw new Error(`nothing in ${folder}`);
