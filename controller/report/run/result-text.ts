import { isDataMapping } from '../../template/python/atom.ts';
import { safeJsonLine, toldJson } from '../clean.ts';
import { sorted } from '../sorted.ts';
import type { RunEvent, TaskRecord } from '../types.ts';
import { yamlResult } from '../yaml-result.ts';

/** How much of results is told, and how. */
export interface Detail {
  /** 0..3, from -v. */
  readonly verbosity: number;
  /** False where hosts that a task skipped say nothing. */
  readonly skipped?: boolean | undefined;
  /** False where hosts for which nothing had to be done say nothing. */
  readonly ok?: boolean | undefined;
  /** How results are written; default json. */
  readonly format?: 'json' | 'yaml' | undefined;
  /** Lines that diffs show around changes; default 3. */
  readonly context?: number | undefined;
  /**
   * Whether JSON has a line for each of its parts; else for -vvv, and where results are what a task is for. False has YAML say all,
   * too.
   */
  readonly pretty?: boolean | undefined;
  /** Whether titles tell what only says what would change. */
  readonly markers?: boolean | undefined;
  /** Whether each host that begins a task says so. */
  readonly starts?: boolean | undefined;
  /** Whether failures tell the task's place, which -vv tells of each task. */
  readonly places?: boolean | undefined;
}

/** Modules whose results are what they are for, shown whatever -v says. */
export const telling: ReadonlySet<string> = new Set(['debug', 'assert']);

type Mapping = Readonly<Record<string, unknown>>;

/** What an item and a task have in common. */
export type Told = Pick<TaskRecord, 'status' | 'message' | 'result'> & { readonly module?: string };

/** Whether it went wrong, whatever becomes of that. */
export function failedOf({ status }: Pick<Told, 'status'>): boolean {
  return status !== 'ok' && status !== 'changed' && status !== 'skipped';
}

/** True when it shows its result whatever -v says. */
export function isTelling({ module, status, result, message }: Told): boolean {
  if (isDataMapping(result) && 'censored' in result) return false;
  // A quiet assert has no message.
  if (module === 'assert' && message === undefined) return false;
  return (status === 'ok' || status === 'changed') && telling.has(module ?? '');
}

/** What debug was asked for: its message, or the variable; in a loop that one beside the item. */
export function debugged({ changed: _, skip_reason: __, ...result }: Mapping): Mapping {
  if ('msg' in result) return { msg: result.msg };
  return Object.fromEntries(Object.entries(result).filter(([key]) => !/^ansible_(loop|index)_var$/.test(key)));
}

/** Without what is told elsewhere: by a first word, by warnings, or, of where a module broke off, by -vvv. */
export function withoutVerdict({
  failed: _,
  warnings: __,
  deprecations: ___,
  exception: ____,
  ...told
}: Mapping): Mapping {
  return told;
}

/** A result as Ansible shows it: without what the line says already, and of debug what it was asked for. */
export function resultText(said: Told, detail: Detail): string {
  const { skipped, ...told } = withoutVerdict(isDataMapping(said.result) ? said.result : { msg: said.message });
  // Of a loop that was skipped the items have told it.
  const { results: _, ...whole } = told;
  const result = skipped === true ? whole : told;
  // What did not hold is told as what did, and what failed by the task's word as what did not.
  const byWord = 'failed_when_result' in result;
  const failedAssert = said.module === 'assert' && said.message !== undefined && (byWord || 'assertion' in result);
  const debugs = said.module === 'debug' && (byWord || 'attempts' in result);
  const tells = isTelling(said) || failedAssert || debugs;
  const shown = said.module === 'debug' ? debugged(result) : result;
  return detail.format === 'yaml' ? yamlResult(shown, detail.pretty) : jsonText(sorted(shown), detail, tells);
}

function jsonText(shown: unknown, { pretty, verbosity }: Detail, tells: boolean): string {
  return (pretty ?? (tells || verbosity >= 3)) ? toldJson(shown, 4) : safeJsonLine(shown);
}

/** What a try came to that is followed by another one, where that is wanted. */
export function triedText({ module = '', result }: Extract<RunEvent, { type: 'task-retry' }>, detail: Detail): string {
  if (!isDataMapping(result) || (detail.verbosity < 3 && !telling.has(module))) return '';
  return `Result was: ${jsonText(sorted(withoutVerdict(result)), detail, telling.has(module))}`;
}
