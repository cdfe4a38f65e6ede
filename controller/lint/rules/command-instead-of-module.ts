import { catalog } from '../../catalog.ts';
import { at, defineRule, ofTasks } from './rule.ts';

/** What is to be written in place of a program; `but`: what no module does. */
const instead: Readonly<Record<string, { readonly modules: readonly string[]; readonly but?: RegExp }>> = {
  'apt-get': { modules: ['apt'] },
  chkconfig: { modules: ['service'] },
  curl: { modules: ['get_url', 'uri'] },
  fetch: { modules: ['get_url', 'uri'] },
  git: { modules: ['git'], but: /^(?:branch|log|lfs|rev-parse|show|status|config|diff|tag)$/ },
  mktemp: { modules: ['tempfile'] },
  modprobe: { modules: ['modprobe'] },
  mount: { modules: ['mount'] },
  sed: { modules: ['template', 'replace', 'lineinfile'] },
  service: { modules: ['service'] },
  sysctl: { modules: ['sysctl'], but: /^(?:-n|-a|--system|-p|--values|[\w.]+$)/ },
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

/** What `ip OBJECT add` and the like make. */
const ofIp: Readonly<Record<string, string>> = {
  address: 'address',
  addr: 'address',
  a: 'address',
  route: 'route',
  r: 'route',
  rule: 'rule',
  netns: 'netns',
  neigh: 'neighbour',
  neighbour: 'neighbour',
  nexthop: 'nexthop',
  link: 'link',
  l: 'link',
};

const changing = /^(?:add|del|delete|replace|set|change|append|flush)$/;

export const rule = defineRule({
  name: 'command-instead-of-module',
  summary: 'A program is run by a command where a module does the same and can tell what changed.',
  find: ofTasks(({ module, command }) => {
    if (!command || (module !== 'command' && module !== 'shell')) return [];
    const modules = modulesFor(command.value.trim().split(/\s+/)).filter((name) => catalog.has(name));
    const [program = ''] = command.value.trim().split(/\s+/);
    return modules.length === 0 ? [] : [at(command, `In place of ${base(program)}: module ${modules.join(', ')}.`)];
  }),
});

function base(program: string): string {
  return program.replace(/^.*\//, '');
}

function modulesFor([program = '', ...words]: readonly string[]): readonly string[] {
  const name = base(program);
  if (name === 'ip') {
    const [object = '', verb = ''] = words.filter((word) => !word.startsWith('-'));
    return Object.hasOwn(ofIp, object) && changing.test(verb) ? [ofIp[object] ?? ''] : [];
  }
  const found = Object.hasOwn(instead, name) ? instead[name] : undefined;
  const [first = ''] = words.filter((word) => !word.startsWith('-') || found?.but?.test(word) === true);
  return !found || found.but?.test(first) === true ? [] : found.modules;
}
