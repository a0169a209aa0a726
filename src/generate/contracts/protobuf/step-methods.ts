import { isFieldSet } from '@bufbuild/protobuf';
import { protoCamelCase, safeObjectProperty } from '@bufbuild/protobuf/reflect';
import {
  type FieldDescriptorProto,
  FieldDescriptorProtoSchema,
  FieldDescriptorProto_Label as Label,
  type MethodDescriptorProto,
  FieldDescriptorProto_Type as Type,
} from '@bufbuild/protobuf/wkt';
import { nameForms } from '../../inputs/name-forms.ts';
import type { GrpcContract } from './grpc.ts';

/** A method that a step calls, and how. */
export interface StepMethod {
  /** As the contract has it: `ReserveStock`. */
  name: string;
  /** As the client has it: `reserveStock`. */
  call: string;
  /** The message that it takes: `ReserveStockRequest`. */
  input: string;
  /** What is known of that message, as code: `{ key }`. */
  message: string;
  /** Whether no name says what the step does, so that another one is called that only reads. */
  isStandIn: boolean;
}

/** Which methods of a contract a step of a saga and its compensation begin with; absent where there is none. */
export interface StepMethods {
  action?: StepMethod;
  undo?: StepMethod;
}

const reads = new Set(['check', 'count', 'fetch', 'find', 'get', 'list', 'look', 'query', 'read', 'search', 'watch']);

/** What undoes by its name, and what it undoes in particular. */
const undoes: Readonly<Record<string, readonly string[]>> = {
  abort: ['begin', 'start'],
  cancel: ['book', 'create', 'order', 'place', 'reserve', 'schedule', 'ship'],
  close: ['open'],
  delete: ['add', 'create', 'put', 'write'],
  free: ['allocate', 'hold', 'reserve', 'take'],
  refund: ['capture', 'charge', 'debit', 'pay'],
  release: ['allocate', 'hold', 'lock', 'reserve', 'take'],
  remove: ['add', 'create', 'put'],
  restore: ['remove', 'take'],
  return: ['issue', 'take'],
  reverse: ['capture', 'charge', 'debit', 'pay', 'post'],
  revert: ['apply', 'change', 'update'],
  revoke: ['grant', 'issue'],
  rollback: [],
  undo: [],
  unlock: ['lock'],
  unreserve: ['reserve'],
  void: ['authorize', 'issue'],
  withdraw: ['submit'],
};

const isUndoing = (word: string): boolean => Object.hasOwn(undoes, word);

/** `reserve`, `reserved` and `reservation` are one. */
function isSame(a: string, b: string): boolean {
  const length = [...a].findIndex((letter, index) => letter !== b[index]);
  const shared = length < 0 ? a.length : length;
  return a === b || shared >= Math.max(3, Math.min(a.length, b.length) - 1);
}

/** `['reserve', 'stock']` for `reserve-stock`, `ReserveStock` and `reserve_stock`. */
const wordsOf = (name: string): string[] => nameForms(name).kebab.split('-');
const firstOf = (name: string): string => wordsOf(name)[0] ?? '';

const shared = (step: readonly string[], method: readonly string[]): number =>
  step.filter((word) => method.some((other) => isSame(word, other))).length;

/** The first of those with the highest score above none. */
function best(methods: readonly MethodDescriptorProto[], score: (words: readonly string[]) => number) {
  const scored = methods.map((method) => ({ method, score: score(wordsOf(method.name)) }));
  const highest = Math.max(0, ...scored.map((one) => one.score));
  return scored.find((one) => highest > 0 && one.score === highest)?.method;
}

/** Chosen by the words of their names: `reserve-stock` begins with `ReserveStock`, and is undone by `ReleaseStock`. */
export function stepMethods(step: string, { services, messages }: GrpcContract): StepMethods {
  const words = wordsOf(step);
  const [verb = ''] = words;
  const unary = services.flatMap(({ method }) =>
    method.filter(({ clientStreaming, serverStreaming }) => !clientStreaming && !serverStreaming),
  );
  const isRead = ({ name }: MethodDescriptorProto) => reads.has(firstOf(name));

  const does = best(unary, (method) => {
    const [first = ''] = method;
    const isOther = reads.has(first) || isUndoing(first);
    if (isOther && !isSame(first, verb)) return 0;
    const isMeant = words.some((word) => isSame(word, first)) || method.some((word) => isSame(word, verb));
    // Of two that do it, the one that says less beside it.
    return isMeant ? shared(words, method) - method.length / 100 : 0;
  });
  const action = does ?? unary.find(isRead) ?? unary[0];

  const undoing = unary.filter((method) => method !== action && isUndoing(firstOf(method.name)));
  const opposite = best(undoing, (method) => {
    const isOpposite = undoes[method[0] ?? '']?.some((word) => isSame(word, verb));
    return shared(words, method) + (isOpposite ? 1 : 0);
  });
  const undo = opposite ?? (undoing.length === 1 ? undoing[0] : undefined);
  // Who only reads leaves nothing to undo; any other method might do it once more.
  const rest = action && isRead(action) ? action : undefined;

  const told = (method: MethodDescriptorProto, isStandIn: boolean, key: 'key' | 'actionKey'): StepMethod => {
    const { name, inputType } = method;
    const field = messages.get(inputType)?.field.find(isKey);
    const property = field && protoCamelCase(field.name);
    return {
      name,
      call: safeObjectProperty(name.charAt(0).toLowerCase() + name.slice(1)),
      input: inputType.slice(inputType.lastIndexOf('.') + 1),
      message: property === undefined ? '{}' : property === key ? `{ ${key} }` : `{ ${property}: ${key} }`,
      isStandIn,
    };
  };
  return {
    ...(action && { action: told(action, !does, 'key') }),
    ...((undo ?? rest) && { undo: told((undo ?? rest) as MethodDescriptorProto, !undo, 'actionKey') }),
  };
}

const keyNames = new Set(['key', 'idempotency_key', 'request_id']);

/** A plain text; one of a oneof is written in another way. */
const isKey = (field: FieldDescriptorProto): boolean =>
  keyNames.has(field.name) &&
  field.type === Type.STRING &&
  field.label !== Label.REPEATED &&
  (field.proto3Optional || !isFieldSet(field, FieldDescriptorProtoSchema.field.oneofIndex));
