import { posix } from 'node:path';
import { asList, asText, printed } from '../coerce.ts';
import { plugin } from '../plugin.ts';
import { isList, Tuple } from '../values.ts';

/** Python's posixpath: a trailing slash ends an empty name. */
const basename = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

function dirname(path: string): string {
  const head = path.slice(0, path.lastIndexOf('/') + 1);
  return /^\/*$/.test(head) ? head : head.replace(/\/+$/, '');
}

function splitExtension(path: string): Tuple {
  const name = basename(path);
  const dot = name.lastIndexOf('.');
  const hasExtension = dot > 0 && /[^.]/.test(name.slice(0, dot));
  const cut = path.length - (hasExtension ? name.length - dot : 0);
  return Tuple.of2(path.slice(0, cut), path.slice(cut));
}

function join(parts: readonly string[]): string {
  return parts.reduce((path, part) => {
    if (part.startsWith('/') || path === '') return part;
    return path.endsWith('/') ? path + part : `${path}/${part}`;
  });
}

/** Paths as text; nothing here looks at the file system. */
export const pathFilters = {
  basename: plugin('', (value) => basename(printed(value))),
  dirname: plugin('', (value) => dirname(printed(value))),
  splitext: plugin('', (value) => splitExtension(printed(value))),
  normpath: plugin('', (value) => posix.normalize(printed(value)).replace(/(?<=.)\/$/, '')),
  relpath: plugin('start', (value, [start]) => posix.relative(asText(start, 'start'), printed(value)) || '.'),
  path_join: plugin('*others', (value, [others]) => {
    const parts = [...(isList(value) ? value : [value]), ...asList(others)].map((part) => asText(part, 'path'));
    return parts.length === 0 ? '' : join(parts);
  }),
};
