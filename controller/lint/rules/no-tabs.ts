import { at, defineRule, type Finding } from './rule.ts';
import { textsIn } from './shared/texts.ts';

/** Files with lines whose blanks are what somebody wants. */
const exempt: ReadonlySet<string> = new Set(['lineinfile', 'blockinfile', 'copy', 'replace', 'shell', 'command']);

export const rule = defineRule({
  name: 'no-tabs',
  summary: 'A tab in a text looks like blanks.',
  find: ({ tasks }) =>
    tasks.flatMap(({ module, params }): readonly Finding[] =>
      exempt.has(module)
        ? []
        : [...params.values()]
            .flatMap(textsIn)
            .filter(({ value }) => value.includes('\t'))
            .map((text) => at(text, 'Write \\t in double quotes, or blanks.')),
    ),
});
