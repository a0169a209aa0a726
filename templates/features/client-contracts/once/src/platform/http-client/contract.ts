import { Compile, type Validator, type XSchema, type XStatic } from 'typebox/schema';
import type { CallOptions, HttpClient } from './http-client.ts';
import { step } from './path.ts';

/** One operation; schemas are named as in `$defs`. */
interface Operation {
  method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'OPTIONS';
  /** With `{name}` for each of `params`. */
  path: string;
  params?: string;
  query?: string;
  headers?: string;
  body?: string;
  isBodyOptional?: true;
  /** Type of the body, where it is not application/json. */
  sends?: string;
  /** Absent where a success has no content. */
  answer?: string;
  accepts?: string;
  /** An idempotency key has to be given. */
  needsKey?: true;
}

/** A contract as a value, made from the OpenAPI document of a service. */
export interface ClientContract {
  operations: Record<string, Operation>;
  $defs: Record<string, XSchema>;
}

/** A schema of a contract as a type. */
export type SchemaOf<C extends ClientContract, Name> = Name extends string
  ? XStatic<{ $defs: C['$defs']; $ref: `#/$defs/${Name}` }>
  : never;

/** A part of the input; it may be left out where nothing in it has to be given. */
type Part<C extends ClientContract, O, P extends string> =
  O extends Record<P, infer Name>
    ? object extends SchemaOf<C, Name>
      ? { [K in P]?: SchemaOf<C, Name> }
      : { [K in P]: SchemaOf<C, Name> }
    : unknown;

type Body<C extends ClientContract, O> = O extends { body: infer Name }
  ? O extends { isBodyOptional: true }
    ? { body?: SchemaOf<C, Name> }
    : { body: SchemaOf<C, Name> }
  : unknown;

type Input<C extends ClientContract, O> = Part<C, O, 'params'> &
  Part<C, O, 'query'> &
  Part<C, O, 'headers'> &
  Body<C, O>;

type Choices<O> = Pick<CallOptions, 'signal' | 'idempotencyKey'> &
  (O extends { needsKey: true } ? { idempotencyKey: string } : unknown);

type Arguments<I, O> = O extends { needsKey: true }
  ? [input: I, choices: Choices<O>]
  : object extends I
    ? [input?: I, choices?: Choices<O>]
    : [input: I, choices?: Choices<O>];

/** One method an operation; it gives what the contract promises, or throws a ServiceError. */
export type ContractClient<C extends ClientContract> = {
  [Name in keyof C['operations']]: (
    ...given: Arguments<Input<C, C['operations'][Name]>, C['operations'][Name]>
  ) => Promise<C['operations'][Name] extends { answer: infer Answer } ? SchemaOf<C, Answer> : void>;
};

type Value = string | number | boolean | null | undefined;

interface Given {
  params?: Record<string, Value>;
  query?: Record<string, Value | Value[]>;
  headers?: Record<string, Value>;
  body?: unknown;
}

/** The methods of a contract over the HTTP of its service. */
export function contractClient<C extends ClientContract>(http: HttpClient, contract: C): ContractClient<C> {
  const method = (operation: Operation) => {
    const { path, sends, accepts, answer } = operation;
    let response: Validator | undefined;
    return async ({ params = {}, query, headers = {}, body }: Given = {}, choices: Choices<unknown> = {}) => {
      if (answer !== undefined) response ??= Compile({ $defs: contract.$defs, $ref: `#/$defs/${answer}` });
      const target = path.replace(/\{([^}]*)\}/g, (_, name: string) => step(params[name]));
      const content = await http.call(operation.method, target, {
        ...choices,
        ...(query && { query }),
        headers: {
          ...(body !== undefined && sends !== undefined && { 'content-type': sends }),
          ...(accepts !== undefined && { accept: `${accepts}, application/problem+json` }),
          ...textsOf(headers),
        },
        body,
        ...(response && { response }),
      });
      return answer === undefined ? undefined : content;
    };
  };
  const methods = Object.entries(contract.operations).map(([name, operation]) => [name, method(operation)]);
  return Object.fromEntries(methods) as ContractClient<C>;
}

const textsOf = (values: Record<string, Value>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) =>
      value === undefined || value === null ? [] : [[name, String(value)]],
    ),
  );
