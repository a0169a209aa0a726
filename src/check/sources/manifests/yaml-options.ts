import type { Tags } from 'yaml';

const kubernetesTags = (tags: Tags): Tags =>
  tags.filter((tag) => typeof tag === 'string' || !(/:(timestamp|binary)$/.test(tag.tag) || tag.format === 'TIME'));

/** YAML as kubectl reads it: version 1.1, the last of two equal keys counts, and times stay texts. */
export const yamlOptions = {
  schema: 'yaml-1.1',
  customTags: kubernetesTags,
  uniqueKeys: false,
  logLevel: 'silent',
} as const;
