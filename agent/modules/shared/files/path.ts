/** The folder that a path is in. */
export function folderOf(path: string): string {
  const trimmed = path.length > 1 ? path.replace(/\/+$/, '') : path;
  return trimmed.slice(0, trimmed.lastIndexOf('/')) || '/';
}

export function baseName(path: string): string {
  return path.replace(/\/+$/, '').split('/').at(-1) ?? '';
}

export function joined(folder: string, name: string): string {
  return folder.endsWith('/') ? `${folder}${name}` : `${folder}/${name}`;
}

/** Without a slash at the end, doubled slashes and "/./"; ".." is left, because links give it another meaning. */
export function tidy(path: string): string {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  return `/${parts.join('/')}`;
}

/** The path and all folders above it. */
export function foldersTo(path: string): readonly string[] {
  return path === '/' ? ['/'] : [...foldersTo(folderOf(path)), path];
}
