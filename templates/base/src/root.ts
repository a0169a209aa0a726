/**
 * The folder in which plugins, routes and settings are found: src/ in development, dist/ after the build.
 * Only files at the top of src/ may use `import.meta.dirname`: the bundle moves every other file.
 */
export const root = import.meta.dirname;
