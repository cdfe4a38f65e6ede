import type { OrchError } from '../../proto/errors.ts';
import { loadYaml } from '../source/load-yaml.ts';
import { Context } from './context.ts';
import { describe } from './describe.ts';
import { isMappingAt, varsOf } from './fields.ts';
import { templateErrors } from './template-check.ts';
import type { Vars } from './types.ts';

export interface ParsedVars {
  readonly vars: Vars;
  readonly errors: readonly OrchError[];
}

/** The variables of a YAML or JSON file's text (vars_files, group_vars, `-e @file`); an empty file has none. */
export function parseVarsText(text: string, file: string): ParsedVars {
  const { documents, errors } = loadYaml(text, file);
  const [root] = documents;
  if (!root || root.value === null) return { vars: new Map(), errors };
  const context = new Context({ readFile: () => '', catalog: new Map() });
  if (!isMappingAt(root)) {
    context.error(root, { summary: `a file of variables must be a mapping, not ${describe(root.value)}` });
    return { vars: new Map(), errors: context.errors };
  }
  const vars = varsOf(root, context);
  return { vars, errors: [...context.errors, ...templateErrors(root)] };
}
