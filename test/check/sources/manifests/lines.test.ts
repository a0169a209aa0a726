import { expect, test } from 'vitest';
import { linesOf } from '../../../../src/check/sources/manifests/lines.ts';

const text = `# a comment
apiVersion: v1
kind: Service
metadata:
  name: it
  annotations: { a.b/c: "yes" }
---
apiVersion: apps/v1
kind: Deployment
spec:
  template:
    spec: &pod
      containers:
        - name: one
          image: one:1
        - name: two
          livenessProbe:
            httpGet: { path: / }
  other: *pod
---
kind: ConfigMap
data:
  app.yaml: |
    a: b
  app.other.yaml: text
---
kind: List
items:
  - kind: Service
    metadata: { name: x }
  - kind: Service
    metadata:
      name: y
`;

test.each([
  ['the object itself', { document: 0 }, undefined, 2],
  ['a key in brackets', { document: 0 }, 'metadata.annotations["a.b/c"]', 6],
  ['an item of a list', { document: 1 }, 'spec.template.spec.containers[1].livenessProbe', 17],
  ['what is absent: the nearest that is there', { document: 1 }, 'spec.template.spec.containers[0].livenessProbe', 14],
  ['every item: the first', { document: 1 }, 'spec.template.spec.containers[*].env', 14],
  ['an index that there is not', { document: 1 }, 'spec.template.spec.containers[7].env', 13],
  ['what an alias stands for', { document: 1 }, 'spec.other.containers[1]', 16],
  ['a key with dots', { document: 2 }, 'data.app.other.yaml', 25],
  ['the longest key that fits', { document: 2 }, 'data.app.yaml', 23],
  ['an object of a list', { document: 3, item: 1 }, 'metadata.name', 33],
  ['an object of a list as a whole', { document: 3, item: 0 }, undefined, 29],
  ['a document that there is not', { document: 9 }, 'spec', 1],
])('%s', (_, position, path, line) => {
  expect(linesOf(text)(position, path)).toBe(line);
});
