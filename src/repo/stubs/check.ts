import { nameForms } from '../../generate/inputs/name-forms.ts';
import { type Stub, withEntry } from './stub.ts';

const deployment = (podLabels: string): string => `apiVersion: apps/v1
kind: Deployment
metadata: { name: it }
spec:
  selector: { matchLabels: { app: it } }
  template:
    metadata: { labels: { app: it${podLabels} } }
    spec:
      containers:
        - name: it
          image: shop/orders:1.2.3
          ports: [{ containerPort: 8080 }]
---
apiVersion: v1
kind: Service
metadata: { name: it }
spec:
  selector: { app: it }
  ports: [{ port: 80, targetPort: 8080 }]
`;

export function checkStub(id: string): Stub {
  const { camel, title, constant } = nameForms(id);
  const word = id.replaceAll('-', '');
  const fixture = (name: string): string => `test/check/checks/${id}/${name}.yaml`;
  return {
    files: {
      [`src/check/checks/${id}.ts`]: `import type { Facts } from '../inventory/facts.ts';
import type { Component } from '../inventory/graph/components.ts';
import { type Workload, workloadName } from '../inventory/kubernetes/workloads.ts';
import { type Found, type Judgement, reasons } from './${id}/reasons.ts';
import { defineCheck, unread } from './define/define-check.ts';

// The stub's rule: every pod carries the label. Replace it by the rule of the item.
const label = 'example.com/${id}';

const missing = (workload: Workload): Found => ({
  status: 'warn',
  reason: '${constant}_MISSING',
  message: \`\${workloadName(workload)} does not carry \${label}\`,
  evidence: [{ object: workloadName(workload), path: 'spec.template.metadata.labels' }],
  fix: \`Label its pod template: \${label}.\`,
  key: workload.name,
});

function judge(component: Component, facts: Facts): Judgement {
  const findings: Found[] = component.workloads.filter(({ podLabels }) => podLabels[label] === undefined).map(missing);
  const gaps = facts.ledger.gaps(['pods'], component.namespace);
  if (gaps.length > 0) findings.push(unread(gaps, 'Nobody can say what its pods carry'));
  return { level: 'wired', reason: '${constant}_IS_THERE', message: \`every pod carries \${label}\`, findings };
}

export default defineCheck({
  id: '${id}',
  title: '${title}',
  item: '${title}',
  heading: { long: '${word.slice(0, 10)}', short: '${word.slice(0, 6)}' },
  reads: { needs: ['pods'], uses: ['services', 'deployments.apps'] },
  verdicts: ['pass', 'warn', 'unknown'],
  reasons,
  docs: {
    why: 'Say here what goes wrong in production where this is missing, in one or two sentences.',
    judges: 'Say here what makes each of its verdicts, in the order pass, warn, fail, and what it does not judge.',
    wrongWhen: 'Say here when a verdict can be wrong: what cannot be seen from the API, and what merely looks alike.',
    fix: 'Say here what to do about it: the field, the value, the command. Somebody reads this in a hurry.',
  },
  judge,
});
`,
      [`src/check/checks/${id}/reasons.ts`]: `import type { FoundFor, JudgementFor } from '../define/define-check.ts';
import { notRead, type Reasons } from '../define/reasons.ts';

export const reasons = {
  ${constant}_IS_THERE: { status: 'pass', title: 'Every pod carries the label' },
  ${constant}_MISSING: { status: 'warn', title: 'A pod does not carry the label' },
  ...notRead,
} as const satisfies Reasons;

export type Found = FoundFor<typeof reasons>;
export type Judgement = JudgementFor<typeof reasons>;
`,
      [fixture('pass.labelled')]: deployment(`, example.com/${id}: "yes"`),
      [fixture('pass.trap-other-labels-too')]: deployment(`, example.com/${id}: "", example.com/other: x`),
      [fixture('warn.not-labelled')]: deployment(''),
      [fixture('unknown.pods-forbidden')]:
        `reads: { pods: forbidden }\n---\n${deployment(`, example.com/${id}: "yes"`)}`,
    },
    tests: ['test/check', 'test/repo/repo.test.ts', 'test/repo/directions.test.ts'],
    snapshots: ['test/check/demo.test.ts', 'test/check/report/report.test.ts'],
    index: {
      path: 'src/check/checks/index.ts',
      change: (text) => withEntry(text, `import ${camel} from './${id}.ts';`, `  ${camel},\n`, /\];\s*$/),
    },
  };
}
