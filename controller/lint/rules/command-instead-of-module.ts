import { catalog } from '../../catalog.ts';
import { splitCommandLines } from '../../migrate/command-lines.ts';
import { commandTask } from '../../migrate/command-task.ts';
import { parameterNames } from '../../playbook/values/schema.ts';
import { at, defineRule, ofTasks } from './rule.ts';

/** What is to be written in place of a program that is none of the network's; `but`: what no module does. */
const instead: Readonly<Record<string, { readonly modules: readonly string[]; readonly but?: RegExp }>> = {
  'apt-get': { modules: ['apt'] },
  chkconfig: { modules: ['service'] },
  curl: { modules: ['get_url', 'uri'] },
  fetch: { modules: ['get_url', 'uri'] },
  git: { modules: ['git'], but: /^(?:branch|log|lfs|rev-parse|show|status|config|diff|tag)$/ },
  mktemp: { modules: ['tempfile'] },
  mount: { modules: ['mount'] },
  sed: { modules: ['template', 'replace', 'lineinfile'] },
  service: { modules: ['service'] },
  systemctl: {
    modules: ['systemd'],
    but: /^(?:--version|get-default|kill|set-default|set-property|show|show-environment|status|reset-failed|is-active|is-enabled|is-failed|list-\S+|cat)$/,
  },
  tar: { modules: ['unarchive'] },
  timedatectl: { modules: ['timezone'], but: /^(?:status|show)$/ },
  unzip: { modules: ['unarchive'] },
  useradd: { modules: ['user'] },
  usermod: { modules: ['user'] },
  userdel: { modules: ['user'] },
  groupadd: { modules: ['group'] },
  hostnamectl: { modules: ['hostname'], but: /^(?:status)$/ },
  wget: { modules: ['get_url', 'uri'] },
};

export const rule = defineRule({
  name: 'command-instead-of-module',
  summary: 'A program is run by a command where a module does the same and can tell what changed.',
  find: ofTasks(({ module, command, params }) => {
    if (!command || (module !== 'command' && module !== 'shell')) return [];
    const words = wordsOf(command.value.trim(), module === 'shell');
    const inNetns = params.has('netns');
    const modules = modulesFor(words).filter((name) => takes(name, inNetns));
    const message = `In place of ${base(words[0] ?? '')}: module ${modules.join(', ')}.`;
    return modules.length === 0 ? [] : [at(command, message)];
  }),
});

/** Of the first program; a shell's text that can't be told apart is split at its blanks. */
function wordsOf(text: string, shell: boolean): readonly string[] {
  const split = splitCommandLines(text, shell);
  return ('lines' in split ? split.lines[0]?.words : undefined) ?? text.split(/\s+/);
}

/** Whether there is such a module, and it works in a namespace where that is asked for. */
function takes(name: string, inNetns: boolean): boolean {
  const module = catalog.get(name);
  return module !== undefined && (!inNetns || parameterNames(module.params).includes('netns'));
}

function base(program: string): string {
  return program.replace(/^.*\//, '');
}

function modulesFor(line: readonly string[]): readonly string[] {
  const network = commandTask({ words: line, output: undefined, end: undefined });
  if ('tasks' in network) return [...new Set(network.tasks.map((task) => task.module))];
  const [program = '', ...words] = line;
  const name = base(program);
  const found = Object.hasOwn(instead, name) ? instead[name] : undefined;
  const [first = ''] = words.filter((word) => !word.startsWith('-') || found?.but?.test(word) === true);
  return !found || found.but?.test(first) === true ? [] : found.modules;
}
