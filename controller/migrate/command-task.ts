import { bridgeTask } from './bridge-task.ts';
import type { CommandLine } from './command-lines.ts';
import { ethtoolTask } from './ethtool-task.ts';
import { ipTask } from './ip-task.ts';
import { ifconfigTask, routeTask, vconfigTask } from './net-tools-task.ts';
import { tcTask } from './tc-task.ts';
import { onlyAsks, plain, type Translated } from './translated.ts';
import { within } from './within-netns.ts';

const looks = () => onlyAsks;

/** Programs by their names without a folder: what their arguments ask for, as tasks. */
const programs: Readonly<Record<string, (argv: readonly string[]) => Translated>> = {
  ...{ bridge: bridgeTask, ethtool: ethtoolTask, ifconfig: ifconfigTask },
  ...{ route: routeTask, tc: tcTask, vconfig: vconfigTask },
  ...{ test: looks, '[': looks, lsmod: looks, grep: looks, cat: looks },
  sysctl: (argv) => {
    const settings = argv.filter((word) => !/^-[wqe]+$/.test(word));
    if (!argv.some((word) => /^-[wqe]*w|=|^-p|^--/.test(word))) return onlyAsks;
    const pairs = settings.map((word) => /^([\w./-]+|[^=]*\{\{.*\}\}[^=]*)\s*=\s*(.*)$/s.exec(word));
    if (pairs.length === 0 || pairs.some((pair) => pair === null)) return { reason: 'it sets nothing by name' };
    return { tasks: pairs.map((pair) => setting(pair?.[1] ?? '', pair?.[2] ?? '')) };
  },
  brctl: ([command = '', bridge, port]) => {
    const tasks: Readonly<Record<string, readonly [module: string, params: Readonly<Record<string, unknown>>]>> = {
      addbr: ['bridge', { name: bridge }],
      delbr: ['bridge', { name: bridge, state: 'absent' }],
      addif: ['link', { name: port, master: bridge }],
      delif: ['link', { name: port, master: '' }],
      stp: ['bridge', { name: bridge, stp: port === 'on' || port === 'yes' || port === '1' }],
    };
    if (command.startsWith('show')) return onlyAsks;
    const [module, params] = (Object.hasOwn(tasks, command) ? tasks[command] : undefined) ?? [];
    if (module === undefined || params === undefined || bridge === undefined)
      return { reason: `orch has no task for "brctl ${command}"` };
    return { tasks: [{ module, params }] };
  },
  modprobe: (argv) => {
    const [remove, ...rest] = argv[0] === '-r' ? argv : [undefined, ...argv];
    const [name, ...params] = rest;
    if (name === undefined || name.startsWith('-')) return { reason: 'it has options of its own' };
    const given = params.length === 0 ? {} : { params: params.join(' ') };
    return { tasks: [{ module: 'modprobe', params: { name, ...given, ...(remove ? { state: 'absent' } : {}) } }] };
  },
};

function setting(key: string, value: string) {
  return { module: 'sysctl', params: { name: key.trim(), value: plain(value.trim()) } };
}

function ofProgram(words: readonly string[], netns: string | undefined): Translated {
  const [path = '', ...argv] = words;
  const name = path.replace(/^.*\//, '');
  const [object, command, inside, ...program] = argv;
  if (name === 'ip' && object?.startsWith('netn') === true && command === 'exec')
    return program.length === 0 ? { reason: 'it starts nothing' } : ofProgram(program, inside);
  if (name === 'ip') return ipTask(argv, netns);
  if (Object.hasOwn(programs, name)) return within(programs[name]?.(argv) ?? onlyAsks, netns);
  const stays = netns === undefined ? '' : ', but what stays running is a daemon: look at `orch doc daemon`';
  return { reason: `orch has no task for ${name}${stays}` };
}

/** What a program with its arguments asks for, as tasks. */
export function commandTask({ words, output }: CommandLine): Translated {
  if (output === undefined) return ofProgram(words, undefined);
  const [, key] = /^\/proc\/sys\/(.+)$/.exec(output) ?? [];
  const [program, ...values] = words;
  if (key === undefined || program !== 'echo') return { reason: `it writes to ${output}` };
  // A name of a device may have dots, then slashes tell where a key ends.
  return { tasks: [setting(key.includes('.') ? key : key.replaceAll('/', '.'), values.join(' '))] };
}
