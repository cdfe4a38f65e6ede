import { readFileSync, statSync } from 'node:fs';
import { OrchError } from '../../proto/errors.ts';
import { ansibleVersion } from '../../proto/version.ts';
import { settings } from '../config/settings.ts';
import { type CustomModule, fullName, isForOthers } from '../playbook/catalog/custom-modules.ts';
import { use } from '../source/used-files.ts';
import { pythonJson } from '../template/python/json.ts';
import { repr, str } from '../template/python/text.ts';
import { type Gathered, gatherUtils } from './module-utils.ts';
import { pythonSource, type Style, shebangOf, styleOf, withArguments } from './style.ts';

type Arguments = Readonly<Record<string, unknown>>;

/** A custom module as it was read. */
interface Packed {
  readonly content: Buffer;
  readonly style: Style;
  readonly utils: Gathered;
  readonly changedMs: number;
}

/** A message to an agent must hold it, as base64. */
const largestModule = 16 * 1024 * 1024;

const known = new Map<string, Packed>();

/** Has modules read anew: what they import may have changed. */
export function forgetModules(): void {
  known.clear();
}

/** Reads a module, once as long as its file stays the same. Throws OrchError file-not-found. */
function read({ file, utils, collections, within }: CustomModule): Packed {
  try {
    const { mtimeMs: changedMs, size } = statSync(use(file));
    if (size > largestModule) throw new Error(`it is larger than ${largestModule / 1024 / 1024} MiB`);
    const key = [file, ...utils, ...collections].join('\n');
    const before = known.get(key);
    if (before?.changedMs === changedMs) return before;
    const content = readFileSync(file);
    const style = styleOf(content);
    const gathered =
      style === 'python'
        ? gatherUtils(pythonSource(content), { utils, collections }, within)
        : { files: {}, missing: [] };
    const packed = { content, style, utils: gathered, changedMs };
    known.set(key, packed);
    return packed;
  } catch (error) {
    const detail = error instanceof Error ? error.message : undefined;
    throw new OrchError({ code: 'file-not-found', summary: `Cannot read the module ${file}.`, detail, cause: error });
  }
}

/** Why a module of hosts of another kind, or of Ansible itself, can't be run; undefined: it is none. */
function problemOfOthers(module: CustomModule): string | undefined {
  if (!isForOthers(module)) return undefined;
  if (module.half) return 'is the part of its module that runs in Ansible itself, which orch cannot run';
  return 'is for Windows: orch runs modules on Linux';
}

/** Why a custom module can't be run; undefined: nothing is known against it. */
export function customProblem(module: CustomModule): string | undefined {
  const problem = problemOfOthers(module);
  if (problem !== undefined) return problem;
  try {
    const { missing } = read(module).utils;
    if (missing.length === 0) return undefined;
    return `imports ${missing.join(' and ')}, which orch does not bring and no module_utils/ here has`;
  } catch (error) {
    if (!(error instanceof OrchError)) throw error;
    return `can't be read: ${error.detail ?? ''}`;
  }
}

/** What a task says of a custom module's run. */
export interface CustomCall {
  readonly name: string;
  readonly args: Arguments;
  readonly check: boolean;
  readonly diff: boolean;
  readonly noLog: boolean;
  readonly verbosity: number;
  /** What starts programs of a language on the host, where a variable says it: ansible_LANGUAGE_interpreter. */
  readonly interpreter: (language: string) => string | undefined;
}

/** Arguments that modules of Ansible find beside those of the task. */
function internalArguments(name: string, { check, diff, noLog, verbosity }: CustomCall): Arguments {
  return {
    _ansible_check_mode: check,
    _ansible_no_log: noLog,
    _ansible_debug: false,
    _ansible_diff: diff,
    _ansible_verbosity: verbosity,
    _ansible_version: ansibleVersion,
    _ansible_module_name: name,
    _ansible_syslog_facility: 'LOG_USER',
    _ansible_selinux_special_fs: ['fuse', 'nfs', 'vboxsf', 'ramfs', '9p', 'vfat'],
    _ansible_socket: null,
    _ansible_shell_executable: settings().executable ?? '/bin/sh',
    _ansible_keep_remote_files: false,
    _ansible_remote_tmp: '~/.ansible/tmp',
    _ansible_ignore_unknown_opts: false,
  };
}

/** Parameters of the agent's `custom_module`. Throws OrchError where the file is gone, or can't be run. */
export function customParams(module: CustomModule, call: CustomCall): Readonly<Record<string, string>> {
  // All other problems are told before the run.
  const problem = problemOfOthers(module);
  if (problem !== undefined) throw new OrchError({ code: 'unknown-module', summary: `${module.file} ${problem}` });
  const { content, style, utils } = read(module);
  const name = call.name.replace(/^.*\./, '');
  const args = { ...call.args, ...internalArguments(fullName(name, module), call) };
  const json = pythonJson(args, { indent: undefined, sortKeys: false, ascii: false, most: largestModule });
  const python = call.interpreter('python') ?? 'python3';
  if (style === 'python') {
    const input = JSON.stringify({
      name,
      source: pythonSource(content),
      files: utils.files,
      args: json,
      ...(module.within === undefined ? {} : { package: module.within }),
    });
    return { name, form: 'python', interpreter: python, input };
  }
  const program = style === 'inline' ? withArguments(content, json) : content;
  const text = style === 'inline' ? '' : style === 'json' ? json : wordsText(args);
  return {
    name,
    form: 'program',
    interpreter: interpreterOf(shebangOf(content), python, call),
    input: `${Buffer.from(text).toString('base64')}\n${program.toString('base64')}`,
  };
}

/** What is to start a script in place of its first line; empty: that one. */
function interpreterOf(shebang: string | undefined, python: string, { interpreter }: CustomCall): string {
  const language = /^(?:\S*\/env\s+)?(?:\S*\/)?(\w+?)[\d.]*(?:\s|$)/.exec(shebang ?? '')?.[1];
  if (language === undefined) return '';
  return language === 'python' ? python : (interpreter(language) ?? '');
}

/** `key=value` for a shell to read, as Ansible writes it. */
function wordsText(args: Arguments): string {
  const quoted = (text: string) => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'"'"'`)}'`);
  return Object.entries(args)
    .map(([key, value]) => `${key}=${quoted(typeof value === 'string' ? value : wordOf(value))} `)
    .join('');
}

/** As Python's str() has it. */
function wordOf(value: unknown): string {
  return typeof value === 'object' ? repr(value) : str(value);
}
