import { harmless } from '../../harmless.ts';
import { checks } from '../checks/index.ts';
import type { CheckResult, CheckRun, Evidence, Finding } from '../contract.ts';
import { notShown } from './environment.ts';
import { halves } from './halves.ts';
import { oneLine } from './one-line.ts';
import { communicationLine, services } from './sum.ts';

/** What GitHub takes of one run. */
const most = 5000;

const levels = { fail: 'error', warn: 'warning' } as const;

interface Alert {
  result: CheckResult;
  finding: Finding & { status: keyof typeof levels };
}

const isAlert = ({ status, waived }: Finding): boolean => !waived && status in levels;

const alertsOf = (run: CheckRun): Alert[] =>
  services(run)
    .flatMap((result) => result.findings.filter(isAlert).map((finding) => ({ result, finding }) as Alert))
    .sort((a, b) => Number(b.finding.status === 'fail') - Number(a.finding.status === 'fail'));

/** GitHub takes `kind: pass` and suppressions for alerts, so only what nobody waived is in it: fails first, then warnings. */
export const sarif = (runs: readonly CheckRun[]): string =>
  `${JSON.stringify(
    { $schema: 'https://json.schemastore.org/sarif-2.1.0.json', version: '2.1.0', runs: runs.map(runOf) },
    null,
    2,
  )}\n`;

function runOf(run: CheckRun) {
  const alerts = alertsOf(run);
  const shown = alerts.slice(0, most);
  const rules = [...new Set(shown.map(ruleId))].sort();
  const left = alerts.length - shown.length;
  const notes = [
    ...(left > 0 ? [`${left} more findings are left out: GitHub takes ${most}.`] : []),
    ...notShown(run).map((line) => `Not looked at: ${line}`),
  ];
  return {
    tool: {
      driver: {
        name: 'msvc',
        informationUri: 'https://github.com/create-microservice/create-microservice',
        version: run.tool,
        rules: rules.map(ruleOf),
      },
    },
    // Reports of several environments, or clusters, must not take each other's alerts away.
    automationDetails: { id: `msvc/${oneLine(run.environment?.name ?? run.source.context)}/` },
    invocations: [
      {
        executionSuccessful: true,
        ...(notes.length > 0
          ? { toolExecutionNotifications: notes.map((text) => ({ level: 'note', message: { text: oneLine(text) } })) }
          : {}),
      },
    ],
    results: shown.map((alert) => resultOf(alert, rules)),
    properties: { communication: oneLine(communicationLine(run) ?? 'no service is seen to use another') },
  };
}

const ruleId = ({ result, finding }: Alert): string => `${result.check}/${finding.reason}`;

function ruleOf(id: string) {
  const [checkId, code = ''] = id.split('/');
  const check = checks.find((one) => one.id === checkId);
  const { title = code, fix } = check?.reasons[code] ?? {};
  const help = `${check?.docs.why ?? ''}\n\n${fix ?? check?.docs.fix ?? ''}\n\nmsvc explain ${code}`;
  return {
    id,
    name: code,
    shortDescription: { text: title },
    fullDescription: { text: check ? `${check.title}: ${title}` : title },
    help: { text: help },
    properties: { tags: [checkId ?? ''] },
  };
}

function resultOf({ result, finding }: Alert, rules: readonly string[]) {
  const { subject, check } = result;
  const id = `${check}/${finding.reason}`;
  const name = subject.namespace ? `${subject.namespace}/${subject.name}` : subject.name;
  const text = `${name}: ${finding.message}${finding.fix ? `\n${finding.fix}` : ''}`;
  return {
    ruleId: id,
    ruleIndex: rules.indexOf(id),
    level: levels[finding.status],
    message: { text: harmless(text) },
    locations: [locationOf(finding.evidence, result)],
    // Line numbers move; what is wrong with which service stays the same.
    partialFingerprints: { 'msvcFinding/v1': oneLine(finding.id) },
  };
}

/** A file where there is one; else the place that a person would look at in a cluster, which GitHub needs to show it at all. */
function locationOf(evidence: readonly Evidence[], { subject }: CheckResult) {
  const place = evidence.find(({ file }) => file !== undefined);
  const object = evidence[0]?.object ?? `${subject.kind} ${subject.namespace ?? ''}/${subject.name}`;
  const [, kind = subject.kind, namespace = subject.namespace ?? '', name = subject.name] =
    /^(\S+) (?:([^/\s]+)\/)?([^/\s]+)$/.exec(object) ?? [];
  const virtual = ['cluster', namespace, kind.toLowerCase(), `${name}.yaml`].filter(Boolean).join('/');
  return {
    physicalLocation: {
      artifactLocation: { uri: uriOf(place?.file ?? virtual) },
      region: { startLine: place?.line ?? 1 },
    },
    logicalLocations: [
      {
        name: oneLine(name),
        fullyQualifiedName: oneLine([namespace, kind, name].filter(Boolean).join('/')),
        kind: 'resource',
      },
    ],
  };
}

// A half of a character has no form in a URI.
const uriOf = (path: string): string => path.replace(halves, '\ufffd').split('/').map(encodeURIComponent).join('/');
