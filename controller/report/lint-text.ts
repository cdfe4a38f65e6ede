import { placeLines } from './error-text.ts';
import { count } from './format.ts';
import type { LintReport } from './lint-types.ts';
import type { Style } from './style.ts';

/** Each finding with its place and source line, and how many there are. */
export function lintText({ files, rules, findings }: LintReport, style: Style): string {
  const end = findings.length === 0 ? style.good('nothing found') : style.bad(count(findings.length, 'finding'));
  const told = findings.flatMap(({ rule, at, message }) => placeLines(at, message, rule));
  return [...told, `${count(files.length, 'file')}, ${count(rules.length, 'rule')}: ${end}`, ''].join('\n');
}

/** The report as `--output json` prints it. */
export function lintJson({ findings, ...report }: LintReport) {
  return {
    ...report,
    findings: findings.map(({ rule, at: { file, line, column }, message }) => ({ rule, file, line, column, message })),
  };
}
