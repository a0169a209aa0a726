import type { FeatureManifest, Preset, Question } from '../manifest.ts';
import { TemplateError } from './template-sources.ts';

const kebab = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/;
const identifier = /^[a-z][A-Za-z0-9]*$/;

type Fields = Record<string, unknown>;

/** Reads fields of one object in a JSON file; every complaint names file and field. */
class Reader {
  constructor(
    readonly file: string,
    readonly at: string,
    readonly fields: Fields,
  ) {}

  static of(file: string, at: string, value: unknown): Reader {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw new TemplateError(file, `${at || 'the document'} must be an object`);
    }
    return new Reader(file, at, value as Fields);
  }

  fail(field: string, must: string): never {
    throw new TemplateError(this.file, `${this.at ? `${this.at}.` : ''}${field} must be ${must}`);
  }

  only(known: readonly string[]): void {
    const unknown = Object.keys(this.fields).find((field) => !known.includes(field));
    if (unknown !== undefined) this.fail(unknown, `left out: the fields are ${known.join(', ')}`);
  }

  text(field: string): string {
    const value = this.fields[field];
    return typeof value === 'string' && value !== '' ? value : this.fail(field, 'a text');
  }

  optionalText(field: string): string | undefined {
    return this.fields[field] === undefined ? undefined : this.text(field);
  }

  matching(field: string, pattern: RegExp, kind: string): string {
    const value = this.text(field);
    return pattern.test(value) ? value : this.fail(field, kind);
  }

  flag(field: string, otherwise: boolean): boolean {
    const value = this.fields[field] ?? otherwise;
    return typeof value === 'boolean' ? value : this.fail(field, 'true or false');
  }

  list(field: string): unknown[] {
    const value = this.fields[field] ?? [];
    return Array.isArray(value) ? value : this.fail(field, 'a list');
  }

  ids(field: string): string[] {
    return this.list(field).map((id) =>
      typeof id === 'string' && kebab.test(id) ? id : this.fail(field, 'a list of feature ids'),
    );
  }
}

function readDefault(reader: Reader, kind: Question['kind']): Question['default'] {
  const value = reader.fields.default;
  if (value === undefined) return undefined;
  const isText = typeof value === 'string';
  const isList = Array.isArray(value) && value.every((element) => typeof element === 'string');
  if (kind === 'confirm' ? typeof value === 'boolean' : kind === 'list' ? isList : isText) {
    return value as NonNullable<Question['default']>;
  }
  return reader.fail('default', `an answer of kind ${kind}`);
}

function readChoices(reader: Reader, kind: Question['kind']): Question['choices'] {
  const choices = reader.list('choices').map((value, index) => {
    const choice = Reader.of(reader.file, `${reader.at}.choices[${index}]`, value);
    choice.only(['value', 'title', 'planned', 'requires', 'production']);
    const requires = choice.ids('requires');
    const production = choice.optionalText('production');
    return {
      value: choice.matching('value', kebab, 'a kebab-case word'),
      title: choice.text('title'),
      ...(choice.flag('planned', false) && { planned: true as const }),
      ...(requires.length > 0 && { requires }),
      ...(production !== undefined && { production }),
    };
  });
  const hasChoices = kind === 'choice' || kind === 'contract';
  if (hasChoices !== choices.length > 0) reader.fail('choices', 'given for a choice or a contract, and only there');
  return hasChoices ? choices : undefined;
}

function readQuestion(file: string, at: string, value: unknown): Question {
  const reader = Reader.of(file, at, value);
  reader.only(['name', 'message', 'kind', 'choices', 'default', 'pattern', 'patternHint', 'flags', 'at']);
  const kind = reader.text('kind') as Question['kind'];
  if (!['text', 'list', 'choice', 'confirm', 'contract'].includes(kind))
    reader.fail('kind', 'text, list, choice, confirm or contract');
  const pattern = reader.optionalText('pattern');
  if (pattern !== undefined) {
    try {
      new RegExp(pattern, 'u');
    } catch {
      reader.fail('pattern', 'a regular expression');
    }
  }
  const name = reader.matching('name', identifier, 'a camelCase word');
  // An instance's own name and spellings stand beside its answers.
  if (['name', 'camel', 'pascal', 'constant', 'title', 'snake', 'kebab'].includes(name))
    reader.fail('name', 'another word');
  const choices = readChoices(reader, kind);
  const standard = readDefault(reader, kind);
  const patternHint = reader.optionalText('patternHint');
  const placed = reader.optionalText('at');
  if (placed !== undefined && kind !== 'list') reader.fail('at', 'given for a list only');
  return {
    name,
    message: reader.text('message'),
    kind,
    ...(choices && { choices }),
    ...(reader.flag('flags', false) && { flags: true as const }),
    ...(standard !== undefined && { default: standard }),
    ...(pattern !== undefined && { pattern }),
    ...(patternHint !== undefined && { patternHint }),
    ...(placed !== undefined && { at: placed }),
  };
}

function readQuestions(reader: Reader): Question[] {
  const path = (index: number): string => `${reader.at ? `${reader.at}.` : ''}questions[${index}]`;
  return reader.list('questions').map((value, index) => readQuestion(reader.file, path(index), value));
}

/** `feature.json` of the folder `id`, or TemplateError with the field that is wrong. */
export function readManifest(file: string, id: string, value: unknown): FeatureManifest {
  const reader = Reader.of(file, '', value);
  reader.only([
    'id',
    'title',
    'summary',
    'selectable',
    'requires',
    'conflicts',
    'questions',
    'production',
    'instances',
  ]);
  if (reader.matching('id', kebab, 'a kebab-case word') !== id) reader.fail('id', `${id}, as the folder is called`);
  const production = reader.optionalText('production');
  const manifest: FeatureManifest = {
    id,
    title: reader.text('title'),
    summary: reader.text('summary'),
    selectable: reader.flag('selectable', true),
    requires: reader.ids('requires'),
    conflicts: reader.ids('conflicts'),
    questions: readQuestions(reader),
    ...(production !== undefined && { production }),
  };
  if (reader.fields.instances === undefined) return manifest;
  const instances = Reader.of(file, 'instances', reader.fields.instances);
  instances.only(['kind', 'noun', 'naming', 'reserved', 'example', 'command', 'production', 'questions']);
  const reserved = instances.ids('reserved');
  const ofEach = instances.optionalText('production');
  const naming = instances.optionalText('naming');
  if (naming !== undefined && naming !== 'dotted') instances.fail('naming', '"dotted", or left out');
  const example = instances.optionalText('example');
  const command = instances.optionalText('command');
  return {
    ...manifest,
    instances: {
      kind: instances.matching('kind', kebab, 'a kebab-case word'),
      noun: instances.text('noun'),
      ...(naming === 'dotted' && { naming: 'dotted' as const }),
      ...(reserved.length > 0 && { reserved }),
      ...(example !== undefined && { example }),
      ...(command !== undefined && { command }),
      ...(ofEach !== undefined && { production: ofEach }),
      questions: readQuestions(instances),
    },
  };
}

/** `presets.json`, or TemplateError with the field that is wrong. */
export function readPresets(file: string, value: unknown): Preset[] {
  if (!Array.isArray(value)) throw new TemplateError(file, 'the document must be a list');
  return value.map((element, index) => {
    const reader = Reader.of(file, `[${index}]`, element);
    reader.only(['id', 'title', 'features']);
    return {
      id: reader.matching('id', kebab, 'a kebab-case word'),
      title: reader.text('title'),
      features: reader.ids('features'),
    };
  });
}
