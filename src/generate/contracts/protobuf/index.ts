export { generateCode } from './generate.ts';
export { ProtoError } from './proto-error.ts';
