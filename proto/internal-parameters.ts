/** Parameters of modules that the workstation sets by itself, so that nobody is told to. */
export const internalParameters: ReadonlySet<string> = new Set([
  'content_apart',
  'content_base64',
  'piece',
  'src_base64',
  'tree',
]);
