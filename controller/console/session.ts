/** What the lines of a console have chosen so far. */
export interface Chosen {
  readonly pattern: string;
  readonly become: boolean;
  readonly becomeUser: string | undefined;
  readonly remoteUser: string | undefined;
  readonly check: boolean;
  readonly diff: boolean;
  /** Seconds that a task may take; 0: as many as its module has by itself. */
  readonly timeout: number;
  readonly verbosity: number;
}

/** What one line asks for. */
export type Asked =
  | { readonly do: 'nothing' | 'exit' }
  | { readonly do: 'help'; readonly about: string }
  | { readonly do: 'list'; readonly what: 'hosts' | 'groups' }
  | { readonly do: 'choose'; readonly chosen: Partial<Chosen> }
  | { readonly do: 'run'; readonly module: string; readonly args: string }
  /** It can't be, or has no meaning here. */
  | { readonly do: 'say'; readonly text: string };

/** Words that are no modules, with what they are for. */
export const consoleWords: Readonly<Record<string, string>> = {
  'MODULE ARGS': 'run a module on the hosts: `ping`, `copy src=a dest=/tmp/a`',
  '!LINE': 'run a line by a shell, as does what begins with no module',
  'cd PATTERN': 'choose hosts; alone: all',
  'list [groups]': 'the hosts that are chosen, or the groups of the inventory',
  'become yes|no': 'become another user',
  'become_user NAME': 'whom to become',
  'remote_user NAME': 'who logs in',
  'check yes|no': 'change nothing; say what would be',
  'diff yes|no': 'show what changes',
  'timeout SECONDS': 'how long a task may take; 0: as long as its module may by itself',
  'verbosity NUMBER': 'say more, up to 3',
  'help [MODULE]': 'this, or what a module does and takes',
  exit: 'leave, as does the end of the input',
};

const truths: Readonly<Record<string, boolean>> = {
  ...{ yes: true, true: true, on: true, y: true, '1': true },
  ...{ no: false, false: false, off: false, n: false, '0': false },
};

type Choose = (value: string) => Partial<Chosen> | undefined;

function flag(name: 'become' | 'check' | 'diff'): Choose {
  return (value) => {
    const truth = truths[value.toLowerCase()];
    return truth === undefined ? undefined : { [name]: truth };
  };
}

function number(name: 'timeout' | 'verbosity', most: number): Choose {
  return (value) => (/^\d+$/.test(value) && Number(value) <= most ? { [name]: Number(value) } : undefined);
}

function text(name: 'becomeUser' | 'remoteUser'): Choose {
  return (value) => (value === '' ? undefined : { [name]: value });
}

const choices: Readonly<Record<string, Choose>> = {
  become: flag('become'),
  become_user: text('becomeUser'),
  remote_user: text('remoteUser'),
  check: flag('check'),
  diff: flag('diff'),
  timeout: number('timeout', 86_400),
  verbosity: number('verbosity', 4),
};

/** Words of Ansible's console that have no meaning here. */
const meaningless: Readonly<Record<string, string>> = {
  forks: 'Say it on the command line: orch console --forks NUMBER.',
  serial: 'Say it on the command line: orch console --forks NUMBER.',
  become_method: 'The agent is root; it becomes others by itself.',
  collections: 'Modules have their own names, with or without a collection.',
};

/** Reads one line; `isModule`: whether a word names a module. */
export function readLine(line: string, isModule: (word: string) => boolean): Asked {
  const whole = line.trim();
  if (whole === '' || whole.startsWith('#')) return { do: 'nothing' };
  if (whole.startsWith('!')) return { do: 'run', module: 'shell', args: whole.slice(1).trim() };
  const [word = '', ...rest] = whole.split(/\s+/);
  const args = whole.slice(word.length).trim();
  if (word === 'exit' || word === 'quit' || word === 'EOF') return { do: 'exit' };
  if (word === 'help' || word === '?') return { do: 'help', about: args };
  if (word === 'list') return { do: 'list', what: args === 'groups' ? 'groups' : 'hosts' };
  if (word === 'cd') return { do: 'choose', chosen: { pattern: args === '' || args === '/' ? 'all' : args } };
  const choose = Object.hasOwn(choices, word) ? choices[word] : undefined;
  if (choose !== undefined) {
    const chosen = choose(args);
    if (chosen !== undefined && rest.length === 1) return { do: 'choose', chosen };
    const usage = Object.keys(consoleWords).find((known) => known.startsWith(`${word} `)) ?? word;
    return { do: 'say', text: `Write it as: ${usage}` };
  }
  const said = Object.hasOwn(meaningless, word) ? meaningless[word] : undefined;
  if (said !== undefined) return { do: 'say', text: said };
  return isModule(word) ? { do: 'run', module: word, args } : { do: 'run', module: 'shell', args: whole };
}

/** What the console is asked with: who, where, and whether it becomes another. */
export function promptOf({ pattern, become, remoteUser }: Chosen, login: string, hosts: number): string {
  return `${remoteUser ?? login}@${pattern} (${hosts})${become ? '#' : '$'} `;
}
