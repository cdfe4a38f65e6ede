import type { Argv } from 'yargs';
import { OrchError } from '../../proto/errors.ts';
import { settings } from '../config/settings.ts';
import { lint, type RuleChoice } from '../lint/lint.ts';
import { loadProject } from '../lint/load-project.ts';
import { registry } from '../lint/rules/registry.gen.ts';
import { safeJson } from '../report/clean.ts';
import { errorText } from '../report/error-text.ts';
import { lintJson, lintText } from '../report/lint-text.ts';
import { createStyle } from '../report/style.ts';
import { didYouMean } from '../template/suggest.ts';
import { vaultOptions } from '../vault/options.ts';
import { hideSecrets } from '../vault/secret-texts.ts';
import { extraVarsOption, inventoryOption, outputOption, projectPositional } from './given-options.ts';
import { ownTerminal } from './own-terminal.ts';
import { type Args, texts } from './read-options.ts';

export function options(yargs: Argv): Argv {
  return vaultOptions(yargs)
    .positional('playbook', { ...projectPositional, default: ['.'], defaultDescription: 'this folder' })
    .options({
      inventory: inventoryOption,
      'extra-vars': extraVarsOption,
      skip: { type: 'string', array: true, describe: 'Rules not to ask: name, name[missing]' },
      enable: { type: 'string', array: true, describe: 'Optional rules that are asked too' },
      'list-rules': { type: 'boolean', describe: 'List the rules' },
      output: outputOption,
    })
    .epilogue(
      [
        'orch lint                               all playbooks and roles of this folder; nothing is contacted',
        'orch lint site.yml -i inventory.yml     with its hosts and variables',
        'orch lint roles/web                     a role, or a file of tasks, by itself',
        'A comment `# noqa: RULE` in a task excuses it.',
        'Exit code 0: nothing found; 3: something was; 4: wrong input, which a run would refuse.',
      ].join('\n'),
    );
}

const words = (value: unknown): readonly string[] =>
  texts(value).flatMap((list) => list.split(',').filter((word) => word !== ''));

/** Says what in playbooks will bite later, and what a run would refuse. */
export async function execute(args: Args): Promise<number> {
  const terminal = ownTerminal();
  if (args.listRules === true) {
    terminal.write(ruleList(args.output === 'json'));
    return 0;
  }
  const choice = choiceOf(args);
  const errors: OrchError[] = [];
  const inventories = texts(args.inventory);
  const sources = {
    inventories: inventories.length > 0 ? inventories : settings().inventory,
    extraVars: texts(args.extraVars),
  };
  const report = lint(loadProject(texts(args.playbook), sources, errors), choice);
  if (errors.length > 0) process.stderr.write(`${hideSecrets(errors.map(errorText).join('\n'))}\n`);
  const told =
    args.output === 'json'
      ? `${safeJson(lintJson(report), 2)}\n`
      : lintText(report, errors.length, createStyle(terminal.color));
  terminal.write(hideSecrets(told));
  return errors.length > 0 ? 4 : report.findings.length > 0 ? 3 : 0;
}

function choiceOf(args: Args): RuleChoice {
  const choice = { enable: words(args.enable), skip: words(args.skip) };
  for (const name of [...choice.enable, ...choice.skip]) {
    if (registry.has(name.replace(/\[.*/, ''))) continue;
    const hint = didYouMean(name, registry.keys()) ?? '`orch lint --list-rules` lists them';
    throw new OrchError({ code: 'invalid-option', summary: `There is no rule "${name}".`, hint });
  }
  return choice;
}

function ruleList(json: boolean): string {
  const rules = [...registry.values()].map(({ name, summary, optional = false }) => ({ name, summary, optional }));
  if (json) return `${safeJson(rules, 2)}\n`;
  const width = Math.max(...rules.map(({ name }) => name.length));
  const line = ({ name, summary, optional }: (typeof rules)[number]) =>
    `${name.padEnd(width)}  ${summary}${optional ? ' (--enable)' : ''}\n`;
  return rules.map(line).join('');
}
