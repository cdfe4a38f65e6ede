import type { Plugin } from 'esbuild';

/** A plugin that puts `contents` in the place of each import that `imported` matches, where its importer matches `importer`. */
export function instead(name: string, imported: RegExp, contents: string, importer = /./): Plugin {
  return {
    name,
    setup: ({ onResolve, onLoad }) => {
      onResolve({ filter: imported }, ({ path, importer: from, resolveDir }) => {
        return importer.test(from) ? { path, namespace: name, pluginData: resolveDir } : undefined;
      });
      onLoad({ filter: /.*/, namespace: name }, ({ pluginData: resolveDir }) => ({ contents, resolveDir }));
    },
  };
}
