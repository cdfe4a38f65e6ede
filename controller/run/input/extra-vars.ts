import { OrchError } from '../../../proto/errors.ts';
import { putVar } from '../../inventory/put-var.ts';
import { expandedPath } from '../../paths.ts';
import { parseVarsText } from '../../playbook/parse/vars-file.ts';
import type { Vars } from '../../playbook/types.ts';
import { pairOf, splitWords, unclosedQuote } from '../../playbook/values/key-value.ts';
import type { Located } from '../../source/located.ts';
import { optionText, partOrigin } from '../../source/origins.ts';
import { readSourceFile } from '../../source/read-file.ts';

export interface ExtraVars {
  readonly vars: Vars;
  readonly errors: readonly OrchError[];
}

/** Variables of `-e`: `key=value ...`, JSON or YAML of a mapping, or `@file`; later ones win. Values of key=value are texts. */
export function readExtraVars(options: readonly string[]): ExtraVars {
  const vars = new Map<string, Located>();
  const errors: OrchError[] = [];
  for (const text of options) {
    const one = readOne(text);
    for (const [name, value] of one.vars) putVar(vars, name, value);
    errors.push(...one.errors);
  }
  return { vars, errors };
}

function readOne(text: string): ExtraVars {
  if (text.startsWith('@')) {
    const file = expandedPath(text.slice(1));
    try {
      return parseVarsText(readSourceFile(file), file);
    } catch (error) {
      if (error instanceof OrchError) return refused(error);
      throw error;
    }
  }
  if (/^\s*[{[]/.test(text)) return parseVarsText(text, '-e');
  const option = optionText('-e', text);
  const unclosed = unclosedQuote(text);
  if (unclosed !== undefined) {
    const where = option.origin.placeInText([], 1, unclosed + 1);
    return refused(new OrchError({ code: 'invalid-option', summary: '-e has a quote that is not closed', where }));
  }
  // Words that are no pairs mean nothing beside others, as in Ansible.
  const pairs = splitWords(text).flatMap((word) => pairOf(word) ?? []);
  if (pairs.length > 0 || text.trim() === '') {
    const located = pairs.map(
      ({ key, value, start }) => [key, { value, origin: partOrigin(option, start), path: [] }] as const,
    );
    return { vars: new Map(located), errors: [] };
  }
  const summary = `-e "${text}" is neither key=value, nor JSON, nor @file`;
  return refused(new OrchError({ code: 'invalid-option', summary, where: option.origin.place([]) }));
}

function refused(error: OrchError): ExtraVars {
  return { vars: new Map(), errors: [error] };
}
