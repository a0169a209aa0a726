/** Source text of an ES module whose default export is the TemplateSet of `dir`, for the bundle. */
export async function precompileTemplates(_dir: string): Promise<string> {
  throw new Error('precompileTemplates is being written');
}
