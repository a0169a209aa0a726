import { type Static, Type } from 'typebox';

/** An error as the caller sees it: RFC 9457, `application/problem+json`. */
export const ProblemSchema = Type.Object(
  {
    type: Type.String({ description: 'Which kind of problem; about:blank where the status says it all' }),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.Optional(Type.String()),
    correlation_id: Type.String(),
    errors: Type.Optional(Type.Array(Type.Object({ field: Type.String(), message: Type.String() }))),
  },
  { $id: 'Problem', additionalProperties: true },
);

/** For a route's `schema.response`: `{ 200: Order, ...problems(400, 404) }`. */
export const problems = <const S extends number>(...statuses: readonly S[]) => {
  const entry = { description: 'Problem', content: { 'application/problem+json': { schema: Type.Ref('Problem') } } };
  return Object.fromEntries(statuses.map((status) => [status, entry])) as Record<S, typeof entry>;
};

export type ProblemDocument = Static<typeof ProblemSchema>;

/** Thrown by a route or the domain: `throw new Problem(404, 'order-not-found', 'There is no such order')`. */
export class Problem extends Error {
  readonly statusCode: number;
  /** Names the kind of problem for programs; stable, kebab-case. */
  readonly kind: string;
  /** Further members of the document. */
  readonly members: Readonly<Record<string, unknown>>;

  constructor(statusCode: number, kind: string, title: string, members: Readonly<Record<string, unknown>> = {}) {
    super(title);
    this.name = 'Problem';
    this.statusCode = statusCode;
    this.kind = kind;
    this.members = members;
  }
}
