import { registry as modules } from '../../agent/modules/registry.gen.ts';
import { internalModules } from '../../agent/modules/shared/internal.ts';
import { registry as actions } from '../../controller/actions/registry.gen.ts';
import { alsoNamed, type Parameter, parametersOf } from '../../controller/doc/parameters.ts';
import { cell } from './cell.ts';

function row(parameter: Parameter, aliases: Readonly<Record<string, string>> | undefined): string {
  const { name, type, required, description } = parameter;
  const standard = parameter.default === undefined ? '' : `\`${parameter.default}\``;
  return `| \`${name}\`${required ? ' (required)' : ''} | ${cell(type)} | ${cell(standard)} | ${cell(description + alsoNamed(name, aliases))} |`;
}

function kindText(name: string): string {
  const module = modules.get(name);
  if (module === undefined) return 'Done by the workstation.';
  if (module.form === 'converge')
    return 'Leads the host to a state: a second run changes nothing. Check mode, diff, undone by `orch destroy`.';
  return module.checkMode === 'run'
    ? 'Runs each time. In check mode it changes nothing: it measures, or says what it would do as far as it can be known.'
    : 'Runs each time; check mode skips it.';
}

/** The chapter of one name; an action stands before the module that it calls. */
function chapter(name: string): string[] {
  const about = actions.get(name) ?? modules.get(name);
  if (about === undefined) return [];
  const parameters = parametersOf(about.params).map((parameter) => row(parameter, about.aliases));
  const table = ['| parameter | type | default | meaning |', '|---|---|---|---|', ...parameters];
  const free = about.freeForm === undefined ? [] : [`Free text goes to \`${about.freeForm}\`.`, ''];
  return [
    ...[`## ${name}`, '', about.summary, '', kindText(name), ''],
    ...(about.notes === undefined ? [] : [about.notes, '']),
    ...free,
    ...(parameters.length === 0 ? ['It takes no parameters.'] : table),
    ...['', '```yaml', about.examples.map((example) => `- ${example.replaceAll('\n', '\n  ')}`).join('\n'), '```', ''],
  ];
}

/** docs/modules.md: every name that a task may use. */
export function modulesPage(): string {
  const all = [...new Set([...modules.keys(), ...actions.keys()])].sort();
  const names = all.filter((name) => !internalModules.has(name));
  const contents = names.map((name) => `- [${name}](#${name}): ${(actions.get(name) ?? modules.get(name))?.summary}`);
  const head = ['# Modules', '', 'Made by `npm run docs` from the modules themselves.', '', ...contents, ''];
  return `${[...head, ...names.flatMap(chapter)].join('\n').trimEnd()}\n`;
}
