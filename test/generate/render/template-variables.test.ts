import { describe, expect, test } from 'vitest';
import { TemplateError } from '../../../src/generate/render/template-sources.ts';
import { type FeatureParts, templateSet } from '../support/sources.ts';

const feature: FeatureParts = {
  manifest: {
    questions: [{ name: 'issuer', message: 'Issuer', kind: 'text', default: 'x' }],
    instances: {
      kind: 'sagas',
      noun: 'saga',
      questions: [
        { name: 'steps', message: 'Steps', kind: 'list', at: 'clients' },
        { name: 'engine', message: 'Engine', kind: 'choice', choices: [{ value: 'dbos', title: 'DBOS' }] },
      ],
    },
  },
};

const once = (text: string) => templateSet({}, { sagas: { ...feature, once: { 'a.ts.hbs': text } } });
const each = (text: string) => templateSet({}, { sagas: { ...feature, each: { '__name__.ts.hbs': text } } });

describe('a template may say', () => {
  test.each([
    '{{service.pascal}} {{answers.issuer}} {{has.sagas}} {{packageManager.run}}',
    '{{#if instances.sagas}}x{{else if has.sagas}}y{{else}}z{{/if}}',
    '{{#each instances.sagas}}{{camel}} {{@index}} {{../service.name}} {{#each steps}}{{snake}} {{../camel}}{{/each}}{{/each}}',
    '{{#each instances.sagas as |saga|}}{{saga.name}} {{#each saga.steps}}{{saga.name}}{{/each}}{{/each}}',
    '{{#each features}}{{this.id}}{{/each}} {{@root.service.name}}',
    '{{! a comment }}plain \\{{escaped}}',
  ])('%s', (text) => expect(() => once(text)).not.toThrow());

  test('its own instance, in each/', () => {
    expect(() =>
      each(
        '{{instance.name}} {{#if instance.engineIs.dbos}}{{/if}}{{#each instance.steps}}{{name}}{{at.camel}}{{/each}}',
      ),
    ).not.toThrow();
  });
});

describe('a template may not say', () => {
  test.each([
    ['{{service.nmae}}', 'service.nmae'],
    ['a\n{{#if has.sgas}}x{{/if}}', 'line 2: nothing is called has.sgas'],
    ['{{#each instances.saga}}x{{/each}}', 'instances.saga'],
    ['{{#each instances.sagas}}{{title}}{{stpes}}{{/each}}', 'stpes'],
    ['{{#if has.sagas}}{{#each features}}{{#if nothing}}{{/if}}{{/each}}{{/if}}', 'nothing'],
    ['{{#each instances.sagas}}{{service.name}}{{/each}}', 'service.name'],
    ['{{instance.name}}', 'instance.name'],
    ['{{answers.steps}}', 'answers.steps'],
    ['{{instances}}', 'instances is no text'],
    ['{{features}}', 'features is no text'],
    ['{{#each service.name}}x{{/each}}', '#each needs a list'],
    ['{{#unless has.sagas}}x{{/unless}}', '#unless is not allowed'],
    ['{{#with service}}{{name}}{{/with}}', '#with is not allowed'],
    ['{{lookup service "name"}}', 'only {{name}}'],
    ['{{> partial}}', 'only {{name}}'],
    ['{{service.__proto__}}', 'service.__proto__'],
    ['{{service.constructor}}', 'service.constructor'],
    ['{{#if has.sagas}}', 'Parse error'],
  ])('%s', (text, complaint) => {
    expect(() => once(text)).toThrow(TemplateError);
    expect(() => once(text)).toThrow('templates/features/sagas/once/a.ts.hbs: ');
    expect(() => once(text)).toThrow(complaint);
  });
});
