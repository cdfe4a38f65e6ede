import type { Located } from '../../source/located.ts';
import type { ProjectFile } from '../project.ts';
import { at, defineRule, type Finding } from './rule.ts';

const longest = 160;

export const rule = defineRule({
  name: 'yaml',
  summary: `YAML is written one way: true and false, no blanks at a line's end, at most ${longest} columns.`,
  find: ({ files }) => files.flatMap((file) => [...lines(file), ...truthy(file.root)]),
});

function lines({ source }: ProjectFile): readonly Finding[] {
  const { text } = source;
  const found: Finding[] = [];
  const add = (offset: number, part: string, message: string) =>
    found.push({ at: source.place(offset), part, message });
  let offset = 0;
  for (const line of text.split('\n')) {
    const blanks = /[ \t]+\r?$/.exec(line);
    if (blanks) add(offset + blanks.index, 'trailing-spaces', 'This line ends with blanks.');
    // A word that cannot be broken, such as a URL, is as long as it is.
    if (line.length > longest && line.trim().includes(' ')) {
      add(offset + longest, 'line-length', `This line has ${line.length} columns, more than ${longest}.`);
    }
    offset += line.length + 1;
  }
  if (text !== '' && !text.endsWith('\n')) {
    add(text.length, 'new-line-at-end-of-file', 'The file does not end with a new line.');
  }
  return found;
}

function truthy({ value, origin, path }: Located): readonly Finding[] {
  if (typeof value === 'boolean') {
    const found = at({ value, origin, path }, `Write ${value}.`, 'value', 'truthy');
    const written = found.at.excerpt?.slice(found.at.column - 1);
    return written === undefined || /^(?:true|false)\b|^[*&!]/.test(written) ? [] : [found];
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([part, inner]) => truthy({ value: inner, origin, path: [...path, part] }));
}
