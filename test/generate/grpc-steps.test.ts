import { readFile } from 'node:fs/promises';
import { beforeAll, expect, test } from 'vitest';
import { readTemplates } from '../../src/generate/files/read-templates.ts';
import { withContract, withInstance } from '../../src/generate/inputs/change-record.ts';
import { newRecord } from '../../src/generate/inputs/new-record.ts';
import type { FeatureManifest } from '../../src/generate/manifest.ts';
import { conflictsOf, isEmptyPlan } from '../../src/generate/plan/plan.ts';
import { planChange } from '../../src/generate/plan/plan-change.ts';
import { planNew } from '../../src/generate/plan/plan-new.ts';
import type { Instance, ServiceRecord } from '../../src/generate/record.ts';
import type { TemplateSet } from '../../src/generate/render/template-set.ts';
import { type Files, projectOf, written } from './support/in-memory.ts';

let templates: TemplateSet;
let manifests: FeatureManifest[];
let contract: string;

beforeAll(async () => {
  templates = await readTemplates(new URL('../../templates', import.meta.url).pathname, '1.0.0');
  manifests = templates.features.map(({ manifest }) => manifest);
  const path = '../system/code/inventory/contracts/inventory/v1/inventory.proto';
  contract = await readFile(new URL(path, import.meta.url), 'utf8');
});

interface Service {
  record: ServiceRecord;
  files: Files;
}

async function newService(): Promise<Service> {
  const fields = { name: 'orders', packageManager: 'npm', features: { delivery: {} } } as const;
  const record = newRecord(fields, templates.version, manifests);
  return { record, files: written(new Map(), await planNew(record, templates)) };
}

async function add({ record, files }: Service, kind: string, instance: Instance, text = contract) {
  const change = kind === 'clients' ? withContract : withInstance;
  const wanted = change(record, kind, instance, manifests);
  const given = kind === 'clients' ? { client: instance.name, text, imports: new Map(), leftOut: [] } : undefined;
  const plan = await planChange(projectOf(files, record), wanted, templates, given);
  const service: Service = { record: plan.record, files: written(files, plan) };
  return { plan, service };
}

const saga = { name: 'checkout', steps: ['reserve-stock@inventory', 'charge@payments'] };
const client = { name: 'inventory', contract: 'grpc' };
const stepsFile = 'src/sagas/checkout/steps.ts';

test('steps call the methods of a gRPC contract, whether the client came before the saga or after it', async () => {
  const sagaFirst = (await add((await add(await newService(), 'sagas', saga)).service, 'clients', client)).service;
  const clientFirst = (await add((await add(await newService(), 'clients', client)).service, 'sagas', saga)).service;

  const sorted = (files: Files) => [...files].sort(([a], [b]) => (a < b ? -1 : 1));
  expect(sorted(clientFirst.files)).toEqual(sorted(sagaFirst.files));
  const steps = sagaFirst.files.get(stepsFile);
  expect(steps).toContain('app.clients.inventory.reserve(');
  expect(steps).toContain('app.clients.inventory.release(');
  expect(steps).toContain("app.http('payments').post('/charge'");
  for (const { record, files } of [sagaFirst, clientFirst])
    expect(isEmptyPlan(await planChange(projectOf(files, record), record, templates))).toBe(true);
});

test('what a person wrote into other steps stays when a client turns to gRPC; in its own step that person decides', async () => {
  const { service } = await add(await newService(), 'sagas', saga);
  const steps = service.files.get(stepsFile) as string;
  const edited = (find: string, replace: string): Service => {
    expect(steps).toContain(find);
    return { ...service, files: new Map(service.files).set(stepsFile, steps.replace(find, replace)) };
  };

  const others = await add(edited("post('/charge'", "post('/v2/charges'"), 'clients', client);
  expect(conflictsOf(others.plan)).toEqual([]);
  expect(others.service.files.get(stepsFile)).toContain("post('/v2/charges'");
  expect(others.service.files.get(stepsFile)).toContain('app.clients.inventory.reserve(');

  const own = await add(edited("post('/reserve-stock'", "post('/v1/reservations'"), 'clients', client);
  expect(conflictsOf(own.plan).map(({ path }) => path)).toEqual([stepsFile]);
});

test('a newer contract leaves steps that a person has written as they are', async () => {
  const { service } = await add((await add(await newService(), 'clients', client)).service, 'sagas', saga);
  const mine = (service.files.get(stepsFile) as string).replace('{ key },', '{ key, orderId: id },');
  const files = new Map(service.files).set(stepsFile, mine);
  const newer = contract
    .replace('// Gives back', 'rpc Count(ReserveRequest) returns (ReserveResponse);\n\n  // Gives back')
    .replace('int32 quantity = 4;', 'int32 quantity = 4;\n  string warehouse = 5;');

  const { plan, service: after } = await add({ ...service, files }, 'clients', client, newer);
  expect(conflictsOf(plan)).toEqual([]);
  expect(after.files.get(stepsFile)).toBe(mine);
});
