import { basename, extname, relative, resolve } from 'node:path';
import type { FilePlace } from '../../../proto/errors.ts';
import { isDataMapping } from '../../template/python/atom.ts';
import { toldJson } from '../clean.ts';
import type { Failure, ReachCell, RunEvent, TaskRecord } from '../types.ts';
import { xmlText } from '../xml-text.ts';

/** Names and meaning are those of the variables JUNIT_... that Ansible has for it. */
export interface JunitSettings {
  /** Classes are files, not lines of them. */
  readonly taskClass: boolean;
  /** Places are told from this folder. */
  readonly relativePath: string | undefined;
  /** Stands for folders outside of it. */
  readonly outOfTree: string | undefined;
  readonly failOnChange: boolean;
  readonly failOnIgnore: boolean;
  readonly includeSetup: boolean;
  /** Tests are the tasks whose names begin so, and those that fail. */
  readonly prefix: string;
}

type Outcome = 'passed' | 'failed' | 'error' | 'skipped';

interface TestCase {
  readonly name: string;
  readonly className: string;
  readonly seconds: number;
  readonly outcome: Outcome;
  /** Why it did not pass. */
  readonly message?: string;
  /** What it said. */
  readonly text?: string;
}

const setups: ReadonlySet<string> = new Set(['setup', 'gather_facts']);

/** How a task ended, with the words in its name that have it the other way round. */
function outcomeOf({ task, status }: TaskRecord, { failOnChange, failOnIgnore }: JunitSettings): Outcome {
  if (status === 'skipped') return 'skipped';
  if (status === 'unreachable') return 'error';
  const isIgnored = status === 'ignored' && !failOnIgnore;
  const failed = !['ok', 'changed'].includes(status) && !isIgnored && !task.includes('EXPECTED FAILURE');
  const isFailed = failed || (status === 'changed' && failOnChange);
  return isFailed === task.includes('TOGGLE RESULT') ? 'passed' : 'failed';
}

function classOf({ file, line }: FilePlace, { taskClass, relativePath, outOfTree }: JunitSettings): string {
  const told = relativePath === undefined ? resolve(file) : relative(relativePath, resolve(file));
  const path = outOfTree !== undefined && told.startsWith('../') ? `${outOfTree}${basename(file)}` : told;
  return taskClass ? path.replace(/\.ya?ml$/, '') : `${path}:${line}`;
}

function caseOf(record: TaskRecord, settings: JunitSettings): TestCase {
  const { host, play, task, result, durationMs, at, message } = record;
  const outcome = outcomeOf(record, settings);
  const said = isDataMapping(result) ? result : {};
  const reason = outcome === 'skipped' ? said.skip_reason : (message ?? said.msg);
  return {
    name: `[${host}] ${play}: ${task}`,
    className: classOf(at, settings),
    seconds: durationMs / 1000,
    outcome,
    ...(outcome === 'passed' ? {} : { message: String(reason ?? record.status) }),
    text: toldJson(result ?? {}, 2),
  };
}

/** A host that could not be reached, or failed where no task could say so. */
function lostCase(host: string, { code, summary, detail }: Failure, playbook: string): TestCase {
  const text = [summary, detail].filter(Boolean).join('\n');
  return { name: `[${host}] ${code}`, className: playbook, seconds: 0, outcome: 'error', message: summary, text };
}

/** What a playbook expects of a way is a test, too. */
function reachCases(cells: readonly ReachCell[], playbook: string): readonly TestCase[] {
  return cells.flatMap(({ from, to, address, expected, observed, message = '' }) => {
    if (expected === null) return [];
    const outcome: Outcome = observed === expected ? 'passed' : observed === 'error' ? 'error' : 'failed';
    const told = `expected ${expected}, was ${observed}`;
    const said = outcome === 'passed' ? {} : { message: told, text: [told, message].filter(Boolean).join('\n') };
    return [{ name: `[${from}] reach: ${to} (${address})`, className: playbook, seconds: 0, outcome, ...said }];
  });
}

function caseXml({ name, className, seconds, outcome, message = '', text = '' }: TestCase): string {
  const told = text.split('\n').map(xmlText).join('\n');
  const inside = {
    passed: text && `<system-out>${told}</system-out>`,
    skipped: `<skipped message="${xmlText(message)}"/>`,
    failed: `<failure message="${xmlText(message)}" type="failure">${told}</failure>`,
    error: `<error message="${xmlText(message)}" type="error">${told}</error>`,
  }[outcome];
  const attributes = `classname="${xmlText(className)}" name="${xmlText(name)}" time="${seconds.toFixed(3)}"`;
  return inside === ''
    ? `\t\t<testcase ${attributes}/>\n`
    : `\t\t<testcase ${attributes}>\n\t\t\t${inside}\n\t\t</testcase>\n`;
}

function suiteXml(suite: string, cases: readonly TestCase[]): string {
  const count = (wanted: Outcome) => cases.filter(({ outcome }) => outcome === wanted).length;
  const seconds = cases.reduce((sum, one) => sum + one.seconds, 0).toFixed(3);
  const counts = `disabled="0" errors="${count('error')}" failures="${count('failed')}" tests="${cases.length}" time="${seconds}"`;
  const open = `\t<testsuite ${counts} skipped="${count('skipped')}" name="${xmlText(suite)}">\n`;
  const head = `<?xml version="1.0" encoding="utf-8"?>\n<testsuites ${counts}>\n`;
  return `${head}${open}${cases.map(caseXml).join('')}\t</testsuite>\n</testsuites>\n`;
}

/**
 * Tells each playbook's run as a JUnit file, `PLAYBOOK-TIME.xml`, as ansible.builtin.junit does: its tasks on hosts are the tests,
 * and, beyond Ansible, hosts that are not reached and the ways that a playbook expects something of. `save` writes a file; `now`
 * gives milliseconds.
 */
export function createJunit(
  settings: JunitSettings,
  save: (name: string, text: string) => void,
  now = Date.now,
): (event: RunEvent) => void {
  let cases: TestCase[] = [];
  let [playbook, suite] = ['', ''];
  const isTest = ({ task, module, status }: TaskRecord): boolean => {
    if (setups.has(module) && !settings.includeSetup) return false;
    return task.startsWith(settings.prefix) || ['failed', 'rescued', 'unreachable'].includes(status);
  };
  return (event) => {
    if (event.type === 'run-start') {
      cases = [];
      playbook = classOf({ file: event.playbook, line: 1, column: 1 }, { ...settings, taskClass: true });
      suite = basename(event.playbook, extname(event.playbook));
    } else if (event.type === 'task-done' && isTest(event)) cases.push(caseOf(event, settings));
    else if (event.type === 'host-failed' && event.failure.task === undefined)
      cases.push(lostCase(event.host, event.failure, playbook));
    else if (event.type === 'reach-done') cases.push(...reachCases(event.cells, playbook));
    else if (event.type === 'run-end') save(`${suite}-${now() / 1000}.xml`, suiteXml(suite, cases));
  };
}
