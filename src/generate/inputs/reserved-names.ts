import { builtinModules } from 'node:module';

/** Device names that Windows resolves in every folder, with any extension (Microsoft, "Naming Files, Paths, and Namespaces"). */
const windowsDevices = new Set([
  'con',
  'prn',
  'aux',
  'nul',
  ...Array.from({ length: 10 }, (_, digit) => [`com${digit}`, `lpt${digit}`]).flat(),
]);

/** npm refuses these as package names (validate-npm-package-name). */
const refusedByNpm = new Set(['node_modules', 'favicon.ico']);

const nodeModules = new Set(builtinModules.map((name) => name.replace(/^node:/, '')));

/**
 * Words that cannot name a function, a class or an import in a module (ECMA-262, 12.7.2), the globals one must not
 * shadow, and what the generated code around an instance calls so itself.
 */
const languageWords = new Set(
  `arguments async await break case catch class const continue debugger default delete do else enum eval export extends
   false finally for function if implements import in instanceof interface let new null package private protected public
   return static super switch this throw true try type typeof undefined var void while with yield constructor prototype
   escape unescape is-finite parse-int parse-float global-this has-own-property is-prototype-of property-is-enumerable
   to-locale-string to-string value-of then
   index name app assert body fetch id state test url`.split(/\s+/),
);

/** Why nobody may use this as a file name on every system, or undefined. */
export const whyNoFileName = (name: string): string | undefined =>
  windowsDevices.has(name) ? `${name} is the name of a device on Windows, where no file can be called so` : undefined;

/** Why this cannot be an npm package's name although its letters are right, or undefined. */
export function whyNoPackageName(name: string): string | undefined {
  if (nodeModules.has(name)) return `"${name}" is a module of Node itself`;
  return refusedByNpm.has(name) ? `npm refuses ${name} as the name of a package` : undefined;
}

/** Why this cannot become an identifier in generated code, or undefined. */
export const whyNoIdentifier = (name: string): string | undefined =>
  languageWords.has(name) ? `${name} is a word of the language or of the generated code` : undefined;
