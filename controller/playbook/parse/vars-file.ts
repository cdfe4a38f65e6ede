import type { OrchError } from '../../../proto/errors.ts';
import { loadYaml } from '../../source/load-yaml.ts';
import type { Located } from '../../source/located.ts';
import { items } from '../../source/origins.ts';
import type { Vars } from '../types.ts';
import { describe } from '../values/describe.ts';
import { templateErrors } from '../values/template-check.ts';
import { Context } from './context.ts';
import { isMappingAt, varsOf } from './fields.ts';

export interface ParsedVars {
  readonly vars: Vars;
  readonly errors: readonly OrchError[];
}

/** The variables of a YAML or JSON file's text (group_vars, `-e @file`, ...); an empty file has none. */
export function parseVarsText(text: string, file: string): ParsedVars {
  return parse(text, file, (root) => [root]);
}

/** The same of a file of `vars_files`, which may also be a list of mappings, of which a later one wins. */
export function parseVarsFileText(text: string, file: string): ParsedVars {
  return parse(text, file, (root) => (Array.isArray(root.value) ? items({ ...root, value: root.value }) : [root]));
}

function parse(text: string, file: string, parts: (root: Located) => readonly Located[]): ParsedVars {
  const { documents, errors } = loadYaml(text, file);
  const [root] = documents;
  if (!root || root.value === null) return { vars: new Map(), errors };
  const context = new Context({ readFile: () => '', catalog: new Map() });
  const vars = new Map<string, Located>();
  for (const part of parts(root)) {
    if (!isMappingAt(part)) {
      context.error(part, { summary: `a file of variables must be a mapping, not ${describe(part.value)}` });
      return { vars: new Map(), errors: context.errors };
    }
    for (const [name, value] of varsOf(part, context)) vars.set(name, value);
  }
  return { vars, errors: [...context.errors, ...templateErrors(root)] };
}
