import type { Login } from './login.ts';

/** Words of a netrc file; comments and macros are none. */
function wordsOf(text: string): readonly string[] {
  const plain = text.replace(/^[ \t]*macdef.*(?:\n[ \t]*\S.*)*/gm, '').replace(/^[ \t]*#.*$/gm, '');
  return [...plain.matchAll(/"((?:\\.|[^"\\])*)"|(\S+)/g)].map(([, quoted, bare]) =>
    quoted === undefined ? (bare ?? '') : quoted.replace(/\\(.)/g, '$1'),
  );
}

/** The login that a netrc file has for a server, by its name, or by default; undefined: none (ftp(1), THE .netrc FILE). */
export function loginFor(text: string, server: string): Login | undefined {
  const entries: { machine: string | undefined; fields: Record<string, string> }[] = [];
  const words = [...wordsOf(text)];
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    if (word === 'default') entries.push({ machine: undefined, fields: {} });
    else if (word === 'machine') entries.push({ machine: words.shift() ?? '', fields: {} });
    else Object.assign(entries.at(-1)?.fields ?? {}, { [word]: words.shift() ?? '' });
  }
  const found =
    entries.find(({ machine }) => machine === server) ?? entries.find(({ machine }) => machine === undefined);
  if (found === undefined) return undefined;
  const { login = '', user = login, password = '' } = found.fields;
  return { user, password };
}
