import type { LintFinding, LintReport } from '../report/lint-types.ts';
import { Noqa } from './noqa.ts';
import type { Project } from './project.ts';
import { registry } from './rules/registry.gen.ts';
import type { Rule } from './rules/rule.ts';

/** Which rules are asked, by name or by name and part. */
export interface RuleChoice {
  /** Optional ones that are asked too. */
  readonly enable: readonly string[];
  readonly skip: readonly string[];
}

/** The rules that are asked. */
function chosenRules({ enable, skip }: RuleChoice): readonly Rule[] {
  return [...registry.values()].filter(
    ({ name, optional }) => !skip.includes(name) && (optional !== true || enable.includes(name)),
  );
}

/** All that the chosen rules object to and that no `# noqa` excuses, each once, by place. */
export function lint(project: Project, choice: RuleChoice): LintReport {
  const rules = chosenRules(choice);
  const noqa = new Noqa(project);
  const found = new Map<string, LintFinding>();
  for (const { name, find } of rules) {
    for (const { at, message, part } of find(project)) {
      const rule = part === undefined ? name : `${name}[${part}]`;
      if (choice.skip.includes(rule) || noqa.excuses(at, name, rule)) continue;
      found.set(`${at.file} ${at.line} ${at.column} ${rule} ${message}`, { rule, at, message });
    }
  }
  const order = new Map(project.files.map(({ source }, index) => [source.file, index]));
  const findings = [...found.values()].sort(
    ({ at: a }, { at: b }) =>
      (order.get(a.file) ?? 0) - (order.get(b.file) ?? 0) || a.line - b.line || a.column - b.column,
  );
  return {
    version: 1,
    files: project.files.map(({ source }) => source.file),
    rules: rules.map(({ name }) => name),
    findings,
  };
}
