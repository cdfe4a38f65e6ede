import type { Located } from '../../source/located.ts';
import { defineRule, type Finding } from './rule.ts';
import { textsIn } from './shared/texts.ts';

export const rule = defineRule({
  name: 'jinja',
  summary: 'Templates have one blank inside their braces and on both sides of |.',
  find: ({ files }) => files.flatMap(({ kind, root }) => (kind === 'meta' ? [] : textsIn(root).flatMap(about))),
});

function about(text: Located<string>): readonly Finding[] {
  return [...text.value.matchAll(/\{\{([-+]?)([^\n]*?)([-+]?)\}\}/g)].flatMap((found) => {
    const [whole, , inside = ''] = found;
    if (inside.trim() === '' || isNeat(inside)) return [];
    const before = text.value.slice(0, found.index).split('\n');
    const place = text.origin.placeInText(text.path, before.length, (before.at(-1)?.length ?? 0) + 1);
    return [{ at: place, part: 'spacing', message: `Write ${neat(whole, inside)}` }];
  });
}

function isNeat(inside: string): boolean {
  return spaced(inside) === inside;
}

function neat(whole: string, inside: string): string {
  return whole.replace(inside, () => spaced(inside));
}

/** What stands in braces, with blanks as they should be; texts in quotes stay as they are. */
function spaced(inside: string): string {
  const parts = inside.trim().split(/("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')/);
  const around = parts.map((part, index) => (index % 2 === 1 ? part : part.replace(/[ \t]*\|[ \t]*/g, ' | ')));
  return ` ${around.join('').trim()} `;
}
