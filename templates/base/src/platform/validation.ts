import AjvCompiler from '@fastify/ajv-compiler';

const compile = AjvCompiler();

/**
 * A body says its types itself, so it is taken as the contract has it: `"1"` is no number. Query, path and headers are
 * text, in which numbers and lists are read by the schema.
 */
export const buildValidator: typeof compile = (externalSchemas, options) => {
  const asText = compile(externalSchemas, options);
  const customOptions = { ...options?.customOptions, coerceTypes: false };
  const strict = compile(externalSchemas, { ...options, customOptions } as typeof options);
  return (route) => (route.httpPart === 'body' ? strict : asText)(route);
};
