import { bridgeTask } from './bridge-task.ts';
import type { CommandLine } from './command-lines.ts';
import { ethtoolTask } from './ethtool-task.ts';
import { ipTask } from './ip-task.ts';
import { brctlTask, ifconfigTask, routeTask, vconfigTask } from './net-tools-task.ts';
import { tcTask } from './tc-task.ts';
import { one, onlyAsks, plain, type TaskOf, type Translated } from './translated.ts';
import { within } from './within-netns.ts';

const looks = () => onlyAsks;

/** Programs by their names without a folder: what their arguments ask for, as tasks. */
const programs: Readonly<Record<string, (argv: readonly string[]) => Translated>> = {
  ...{ brctl: brctlTask, bridge: bridgeTask, ethtool: ethtoolTask, ifconfig: ifconfigTask, modprobe: modprobeTask },
  ...{ route: routeTask, sysctl: sysctlTask, tc: tcTask, vconfig: vconfigTask },
  ...{ test: looks, '[': looks, lsmod: looks, grep: looks, cat: looks },
};

/** `sysctl -w KEY=VALUE...` (sysctl(8)). */
function sysctlTask(argv: readonly string[]): Translated {
  const settings = argv.filter((word) => !/^-[wqe]+$/.test(word));
  if (!argv.some((word) => /^-[wqe]*w|=|^-p|^--/.test(word))) return onlyAsks;
  const pairs = settings.map((word) => /^([\w./-]+|[^=]*\{\{.*\}\}[^=]*)\s*=\s*(.*)$/s.exec(word));
  if (pairs.length === 0 || pairs.some((pair) => pair === null)) return { reason: 'it sets nothing by name' };
  return { tasks: pairs.map((pair) => setting(pair?.[1] ?? '', pair?.[2] ?? '')) };
}

function setting(key: string, value: string): TaskOf {
  return { module: 'sysctl', params: { name: key.trim(), value: plain(value.trim()) } };
}

/** `modprobe [-r] NAME [PARAM=VALUE...]` (modprobe(8)). */
function modprobeTask(argv: readonly string[]): Translated {
  const [remove, ...rest] = argv[0] === '-r' ? argv : [undefined, ...argv];
  const [name, ...params] = rest;
  if (name === undefined || name.startsWith('-')) return { reason: 'it has options of its own' };
  const given = params.length === 0 ? {} : { params: params.join(' ') };
  return one('modprobe', { name, ...given, ...(remove ? { state: 'absent' } : {}) });
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
