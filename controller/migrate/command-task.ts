import type { CommandLine } from './command-lines.ts';
import { ipTask } from './ip-task.ts';
import { plain, type Translated } from './translated.ts';

/** Programs by their names without a folder: what their arguments ask for, as tasks. */
const programs: Readonly<Record<string, (argv: readonly string[], netns: string | undefined) => Translated>> = {
  ip: (argv, netns) => {
    const [object, command, inside = '', program, ...rest] = argv;
    if (object?.startsWith('netn') !== true || command !== 'exec') return ipTask(argv, netns);
    return program === undefined ? { reason: 'it starts nothing' } : ofProgram([program, ...rest], inside);
  },
  sysctl: (argv, netns) => {
    const settings = argv.filter((word) => !/^-[wqe]+$/.test(word));
    const pairs = settings.map((word) => /^([\w./-]+|[^=]*\{\{.*\}\}[^=]*)\s*=\s*(.*)$/s.exec(word));
    if (pairs.length === 0 || pairs.some((pair) => pair === null)) return { reason: 'it sets nothing by name' };
    return { tasks: pairs.map((pair) => setting(pair?.[1] ?? '', pair?.[2] ?? '', netns)) };
  },
  brctl: ([command = '', bridge, port], netns) => {
    const within = netns === undefined ? {} : { netns };
    const tasks: Readonly<Record<string, readonly [module: string, params: Readonly<Record<string, unknown>>]>> = {
      addbr: ['bridge', { name: bridge }],
      delbr: ['bridge', { name: bridge, state: 'absent' }],
      addif: ['link', { name: port, master: bridge }],
      delif: ['link', { name: port, master: '' }],
      stp: ['bridge', { name: bridge, stp: port === 'on' || port === 'yes' || port === '1' }],
    };
    const [module, params] = (Object.hasOwn(tasks, command) ? tasks[command] : undefined) ?? [];
    if (module === undefined || bridge === undefined) return { reason: `orch has no task for "brctl ${command}"` };
    return { tasks: [{ module, params: { ...params, ...within } }] };
  },
  modprobe: (argv, netns) => {
    const [remove, ...rest] = argv[0] === '-r' ? argv : [undefined, ...argv];
    const [name, ...params] = rest;
    if (netns !== undefined || name === undefined || name.startsWith('-'))
      return { reason: 'it has options of its own' };
    const given = params.length === 0 ? {} : { params: params.join(' ') };
    return { tasks: [{ module: 'modprobe', params: { name, ...given, ...(remove ? { state: 'absent' } : {}) } }] };
  },
};

function setting(key: string, value: string, netns: string | undefined) {
  const within = netns === undefined ? {} : { netns };
  return { module: 'sysctl', params: { name: key.trim(), value: plain(value.trim()), ...within } };
}

function ofProgram(words: readonly string[], netns: string | undefined): Translated {
  const [path = '', ...argv] = words;
  const name = path.replace(/^.*\//, '');
  const translate = Object.hasOwn(programs, name) ? programs[name] : undefined;
  return translate?.(argv, netns) ?? { reason: `orch has no task for ${name}` };
}

/** What a program with its arguments asks for, as tasks. */
export function commandTask({ words, output }: CommandLine): Translated {
  if (output === undefined) return ofProgram(words, undefined);
  const [, key] = /^\/proc\/sys\/(.+)$/.exec(output) ?? [];
  const [program, ...values] = words;
  if (key === undefined || program !== 'echo') return { reason: `it writes to ${output}` };
  // A name of a device may have dots, then slashes tell where a key ends.
  return { tasks: [setting(key.includes('.') ? key : key.replaceAll('/', '.'), values.join(' '), undefined)] };
}
