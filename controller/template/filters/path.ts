import { posix } from 'node:path';
import { Fault } from '../fault.ts';
import { plugin } from '../plugin.ts';
import { asList, asText } from '../python/coerce.ts';
import { isList, Tuple } from '../python/values.ts';

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

/** Two slashes at the start, and no more, are kept: POSIX has them mean what a system likes. */
const normalPath = (path: string): string =>
  (/^\/\/(?!\/)/.test(path) ? '/' : '') + posix.normalize(path).replace(/(?<=.)\/$/, '');

/** The drive of a path of Windows, and what is behind it; a share (\\\\host\\share) counts as drive. */
function splitDrive(path: string): Tuple {
  const [drive = ''] = /^(?:[\\/]{2}[^\\/]+[\\/][^\\/]+|.:)/.exec(path) ?? [];
  return Tuple.of2(drive, path.slice(drive.length));
}

/** Head and last name of a path of Windows. */
function splitWindows(path: string): { head: string; name: string } {
  const [drive, rest] = splitDrive(path) as unknown as [string, string];
  const name = rest.slice(Math.max(rest.lastIndexOf('\\'), rest.lastIndexOf('/')) + 1);
  const folder = rest.slice(0, rest.length - name.length);
  return { head: drive + (/^[\\/]*$/.test(folder) ? folder : folder.replace(/[\\/]+$/, '')), name };
}

/** The longest path that all begin with. */
function commonPath(paths: readonly string[]): string {
  const [first, ...others] = paths.map((path) => ({
    absolute: path.startsWith('/'),
    names: path.split('/').filter((name) => name !== '' && name !== '.'),
  }));
  if (!first) throw new Fault("filter 'commonpath' needs at least one path");
  if (others.some(({ absolute }) => absolute !== first.absolute)) {
    throw new Fault('absolute and relative paths have nothing in common');
  }
  const length = first.names.findIndex((name, index) => others.some(({ names }) => names[index] !== name));
  const common = length < 0 ? first.names : first.names.slice(0, length);
  return (first.absolute ? '/' : '') + common.join('/');
}

/** Paths as text; nothing here looks at the file system. */
export const pathFilters = {
  basename: plugin('', (value) => basename(asText(value, 'path'))),
  dirname: plugin('', (value) => dirname(asText(value, 'path'))),
  splitext: plugin('', (value) => splitExtension(asText(value, 'path'))),
  normpath: plugin('', (value) => normalPath(asText(value, 'path'))),
  relpath: plugin(
    'start?',
    (value, [start]) => posix.relative(asText(start ?? '.', 'start'), asText(value, 'path')) || '.',
  ),
  commonpath: plugin('', (value) => {
    if (typeof value === 'string') throw new Fault('|commonpath expects a list of paths, not a text');
    return commonPath(asList(value).map((path) => asText(path, 'path')));
  }),
  win_basename: plugin('', (value) => splitWindows(asText(value, 'path')).name),
  win_dirname: plugin('', (value) => splitWindows(asText(value, 'path')).head),
  win_splitdrive: plugin('', (value) => splitDrive(asText(value, 'path'))),
  path_join: plugin('*others', (value, [others]) => {
    if (typeof value !== 'string' && !isList(value)) throw new Fault('|path_join expects string or sequence');
    const parts = [...(isList(value) ? value : [value]), ...asList(others)].map((part) => asText(part, 'path'));
    return parts.length === 0 ? '' : join(parts);
  }),
};
