import { harmless } from '../../harmless.ts';
import { groupBy } from '../../multimap.ts';
import type { CheckResult, CheckRun, Finding } from '../contract.ts';
import { blockingStatuses, type FailOn, newFaults } from '../fail-on.ts';
import { labelOf, notShown } from './environment.ts';
import { halves } from './halves.ts';
import { communicationLine, services } from './sum.ts';

// XML has no way to write these, not even escaped.
const noncharacters = /[\ufffe\uffff]/g;

const escaped = (text: string): string =>
  harmless(text)
    .replace(noncharacters, '\ufffd')
    .replace(halves, '\ufffd')
    .replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
    .replace(/[\n\t]/g, (character) => `&#${character.charCodeAt(0)};`);

const attributes = (all: Readonly<Record<string, string | number>>): string =>
  Object.entries(all)
    .map(([name, value]) => ` ${name}="${escaped(String(value))}"`)
    .join('');

/** A suite a check, a case a service; a failure is exactly what the exit code counts, and what was not decided is skipped. */
export function junit(runs: readonly CheckRun[], failOn: FailOn, onlyNew = false): string {
  const suites = runs.flatMap((run) => {
    const counts = countsIn(run, failOn, onlyNew);
    const label = labelOf(run, runs.length > 1);
    const byCheck = groupBy(services(run), ({ check }) => check);
    return run.summary.items.map(({ check }, index) => {
      const name = label === undefined ? check : `${label}: ${check}`;
      // It is about all of them, and JUnit knows nothing above a suite.
      const told = index === 0 ? aboutAll(run) : {};
      return suiteOf(name, run.startedAt, byCheck.get(check) ?? [], counts, told);
    });
  });
  const total = (what: 'tests' | 'failures' | 'skipped'): number => suites.reduce((sum, suite) => sum + suite[what], 0);
  const head = attributes({ name: 'msvc', tests: total('tests'), failures: total('failures'), errors: 0 });
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites${head}>\n${suites.map(({ text }) => text).join('')}</testsuites>\n`;
}

/** Which findings are counted, and which of them somebody knew. */
interface Counts {
  isFault(finding: Finding): boolean;
  isKnown(finding: Finding): boolean;
}

function countsIn({ changes }: CheckRun, failOn: FailOn, onlyNew: boolean): Counts {
  const blocking = blockingStatuses(failOn);
  const fresh = onlyNew && changes ? newFaults(changes) : undefined;
  return {
    isFault: ({ status }) => blocking.includes(status),
    isKnown: ({ id }) => fresh !== undefined && !fresh.has(id),
  };
}

function suiteOf(name: string, startedAt: string, results: readonly CheckResult[], counts: Counts, told: Told) {
  const cases = results.map((result) => caseOf(result, counts));
  const failures = cases.filter(({ state }) => state === 'failure').length;
  const skipped = cases.filter(({ state }) => state === 'skipped').length;
  const timestamp = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/.exec(startedAt)?.[0];
  const head = attributes({
    name,
    tests: cases.length,
    failures,
    errors: 0,
    skipped,
    time: 0,
    ...(timestamp ? { timestamp } : {}),
  });
  return {
    tests: cases.length,
    failures,
    skipped,
    text: `  <testsuite${head}>\n${propertiesOf(told)}${cases.map(({ text }) => text).join('')}  </testsuite>\n`,
  };
}

type Told = Readonly<Record<string, string>>;

function aboutAll(run: CheckRun): Told {
  const talk = communicationLine(run);
  const hidden = notShown(run).join('; ');
  return { ...(talk ? { communication: talk } : {}), ...(hidden ? { 'not looked at': hidden } : {}) };
}

function propertiesOf(told: Told): string {
  const all = Object.entries(told).map(([name, value]) => `      <property${attributes({ name, value })}/>\n`);
  return all.length === 0 ? '' : `    <properties>\n${all.join('')}    </properties>\n`;
}

function caseOf(
  result: CheckResult,
  { isFault, isKnown }: Counts,
): { state: 'failure' | 'skipped' | 'passed'; text: string } {
  const { subject, check, status, reason, message, findings } = result;
  const head = `    <testcase${attributes({ classname: `${subject.namespace ?? ''}.${subject.name}`, name: check, time: 0 })}`;
  const counted = findings.filter(isFault);
  const failing = counted.filter((finding) => !finding.waived && !isKnown(finding));
  if (failing.length > 0) {
    const body = failing.map((one) => `${one.reason}: ${one.message}\n${one.fix}\n${places(one)}`).join('\n');
    const told = attributes({ type: failing[0]?.reason ?? '', message: failing[0]?.message ?? '' });
    return { state: 'failure', text: `${head}>\n      <failure${told}>${escaped(body)}</failure>\n    </testcase>\n` };
  }
  const [known] = counted;
  const why = known
    ? known.waived
      ? `waived: ${known.waived.why}`
      : `in the baseline: ${known.reason}: ${known.message}`
    : status === 'unknown' || status === 'n-a'
      ? `${status === 'n-a' ? 'does not apply' : 'unknown'}: ${reason}: ${message}`
      : undefined;
  return why === undefined
    ? { state: 'passed', text: `${head}/>\n` }
    : { state: 'skipped', text: `${head}>\n      <skipped${attributes({ message: why })}/>\n    </testcase>\n` };
}

const places = ({ evidence }: Finding): string =>
  evidence
    .slice(0, 6)
    .map(({ object, path, file, line }) => `${object}${path ? ` ${path}` : ''}${file ? ` (${file}:${line})` : ''}`)
    .join('\n');
