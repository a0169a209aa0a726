import { parse } from 'yaml';

/** A YAML document as plain values. @throws Error where it is none */
export const yamlValues = (text: string): unknown => parse(text);
