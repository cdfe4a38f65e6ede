import { findFirst } from '../../../proto/regex.ts';

/** A shell pattern (fnmatch(3): * ? [abc] [!a-z]) as a regular expression for the whole name, in Python's syntax. */
export function globPattern(pattern: string): string {
  const source = pattern.replace(
    /\[(!?)(\]?[^\]]*)\]|[\s\S]/g,
    (token, not: string | undefined, members: string | undefined) => {
      if (members !== undefined) return `[${not === '!' ? '^' : ''}${members.replace(/[\\\][^]/g, '\\$&')}]`;
      if (token === '*') return '[\\s\\S]*';
      if (token === '?') return '[\\s\\S]';
      return token.replace(/[.+^${}()|[\]\\]/g, '\\$&');
    },
  );
  return `(?:${source})\\Z`;
}

/** Whether the whole text fits a shell pattern. */
export function fitsGlob(pattern: string, text: string): boolean {
  return findFirst(globPattern(pattern), text, { ignoreCase: false, multiline: false }, 'match') !== undefined;
}
