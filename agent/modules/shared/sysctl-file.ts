import type { Host } from '../../linux/host.ts';
import type { Plan } from '../module.ts';
import { type Edited, editPlan, ended, linesOf, readEdited } from './files/edit.ts';
import type { OwnerParams } from './files/owner.ts';
import { normalised } from './sysctl.ts';

/** What a task asks of a file of settings. */
export interface SysctlFileWish {
  readonly path: string;
  readonly name: string;
  /** Undefined: the file is to have no line of the key. */
  readonly value: string | undefined;
}

/** Key and value of a line; undefined for comments and whatever else says neither. */
function setting(line: string): { readonly name: string; readonly value: string } | undefined {
  const match = /^\s*-?([^#;=\s][^=]*?)\s*=(.*)$/s.exec(line);
  return match ? { name: match[1] ?? '', value: normalised((match[2] ?? '').trim()) } : undefined;
}

/** Keys are the same with dots and with slashes, as long as no link's name has a dot of its own. */
function sameKey(a: string, b: string): boolean {
  return a === b || a.replaceAll('/', '.') === b.replaceAll('/', '.');
}

/** The text with one line of the key, where its first one stood or at the end, or with none. */
function withSetting(text: string, { name, value }: SysctlFileWish): string {
  const lines = linesOf(text);
  const own = lines.filter((line) => sameKey(setting(line)?.name ?? '', name));
  const last = own.at(-1);
  if (value !== undefined && last !== undefined && setting(last)?.value === value) return text;
  if (value === undefined && own.length === 0) return text;
  const wanted = value === undefined ? [] : [`${name}=${value}\n`];
  const [first] = own;
  if (first === undefined) {
    const before = lines.length > 0 ? [...lines.slice(0, -1), ended(lines.at(-1) ?? '')] : [];
    return [...before, ...wanted].join('');
  }
  const at = lines.indexOf(first);
  return lines.flatMap((line, index) => (index === at ? wanted : own.includes(line) ? [] : [line])).join('');
}

/** What the file is to have besides its text. */
type Attributes = OwnerParams & {
  readonly mode?: string | number | undefined;
  readonly unsafe_writes?: boolean | undefined;
};

/** Whether the task asks more of the file than its text. */
export function hasAttributes({ mode, owner, group, attributes, ...context }: Attributes): boolean {
  const { seuser, serole, setype, selevel } = context;
  return [mode, owner, group, attributes, seuser, serole, setype, selevel].some((each) => each !== undefined);
}

function editParams(path: string, { mode, owner, group, attributes, unsafe_writes, ...context }: Attributes) {
  const { seuser, serole, setype, selevel } = context;
  const edited = { path, backup: false, create: true, validate: undefined } as const;
  return { ...edited, mode, owner, group, attributes, unsafe_writes, seuser, serole, setype, selevel };
}

export function readSysctlFile(host: Host, path: string, asked: Attributes): Promise<Edited> {
  return readEdited(editParams(path, asked), host);
}

/** The plan for the file alone; undefined where it is as it is to be. */
export function sysctlFilePlan(wish: SysctlFileWish, asked: Attributes, file: Edited): Plan | undefined {
  const text = withSetting(file.text, wish);
  const same = text === file.text && (file.content !== undefined || text === '');
  if (same && (file.content === undefined || !hasAttributes(asked))) return undefined;
  return editPlan(editParams(wish.path, asked), file, text, '');
}
