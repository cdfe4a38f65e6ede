import { placeLines } from './error-text.ts';
import { count } from './format.ts';
import type { LintReport } from './lint-types.ts';
import type { Style } from './style.ts';

/** Each finding with its place and source line, and how many there are. `refused`: what a run would refuse, which was told before. */
export function lintText({ files, rules, findings }: LintReport, refused: number, style: Style): string {
  const wrong = [
    ...(refused === 0 ? [] : [count(refused, 'error')]),
    ...(findings.length === 0 ? [] : [count(findings.length, 'finding')]),
  ];
  const end = wrong.length === 0 ? style.good('nothing found') : style.bad(wrong.join(', '));
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
