import { readDataJson } from '../../../proto/exact-json.ts';
import { safeJson } from '../clean.ts';
import type { Report, RunReport } from '../types.ts';

/** Characters. */
const chunk = 65_536;

/** A report as JSON whose text is safe for a terminal, in chunks: a whole one may be longer than a string can be. */
export function* reportJson(report: RunReport): Generator<string> {
  let text = '';
  for (const piece of pieces(report)) {
    text += piece;
    if (text.length < chunk) continue;
    yield text;
    text = '';
  }
  yield text;
}

function* pieces(report: RunReport): Generator<string> {
  let before = '{';
  for (const [key, value] of Object.entries(report)) {
    yield `${before}\n  ${JSON.stringify(key)}: `;
    before = ',';
    if (key === 'tasks') yield* taskLines(report.tasks);
    else yield safeJson(value, 2).replaceAll('\n', '\n  ');
  }
  yield '\n}\n';
}

function* taskLines(tasks: RunReport['tasks']): Generator<string> {
  let before = '[';
  for (const task of tasks) {
    yield `${before}\n    ${task}`;
    before = ',';
  }
  yield before === '[' ? '[]' : '\n  ]';
}

/** The report as its readers have it. */
export function readReport(report: RunReport): Report {
  return readDataJson([...reportJson(report)].join('')) as Report;
}
