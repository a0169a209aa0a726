import { breakingChanges } from '../../rpc/breaking.ts';
import { buf } from '../../rpc/buf.ts';
import { compareCode, folder, generateCode, readGenerated, writeCode } from '../../rpc/generated-code.ts';
import type { ContractKind } from '../other-kinds.ts';

/** Makes the code in src/generated of contracts/**\/*.proto, unless they break their own rules or those who call. */
const rpc: ContractKind = async ({ mayBreak }) => {
  const complaints = await buf('lint');
  if (complaints.length > 0) return refuse(complaints, 'Mend that first. The rules are in buf.yaml.');
  const before = await readGenerated();
  const code = await generateCode();
  const differences = compareCode(before, code);
  if (differences.length === 0) {
    console.log(`${folder} is up to date`);
    return 0;
  }
  const broken = mayBreak ? [] : await breakingChanges(before.keys());
  if (broken.length > 0) return refuse(broken, advice);
  await writeCode(differences, code);
  for (const { path, what } of differences) console.log(`${folder}/${path} ${what}`);
  return 0;
};

export default rpc;

const advice = [
  'Callers that keep to the contract would fail. Keep what they know, and',
  '  - add what is new as further fields or methods, or',
  '  - serve the new form beside the old one, as the package … .v2.',
  'Where you know every caller, and they are ready: npm run contract -- <next major version>',
].join('\n');

function refuse(complaints: readonly string[], what: string): number {
  console.error(`${complaints.map((line) => `  ${line}`).join('\n')}\n${what}`);
  return 1;
}
