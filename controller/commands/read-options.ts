import { OrchError } from '../../proto/errors.ts';
import { expandedPath } from '../paths.ts';

/** Options of a command as yargs read them. */
export type Args = Readonly<Record<string, unknown>>;

/** All that an option was given, each time; none where it was not. */
export const texts = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.map(String) : value === undefined ? [] : [String(value)];

/** The text of an option; undefined where it was not given. */
export const text = (value: unknown): string | undefined => (value === undefined ? undefined : String(value));

/** The same for a path, which may begin at a home or hold variables. */
export const pathText = (value: unknown): string | undefined => {
  const path = text(value);
  return path === undefined ? undefined : expandedPath(path);
};

/** The one lab that an option names. Throws OrchError. */
export function readLab(lab: unknown): string {
  if (typeof lab === 'string' && lab !== '') return lab;
  const said = lab === '' ? 'and was given none' : 'and was given several';
  const hint = lab === '' ? '`orch status` shows what labs hosts have.' : 'Name one, and the others after it.';
  throw new OrchError({ code: 'invalid-option', summary: `--lab takes the name of a lab, ${said}.`, hint });
}

/** A number of seconds. Throws OrchError. */
export function readSeconds(option: string, value: unknown, least: number): number {
  const number = Number(value);
  if (number >= least && number <= 86_400) return number;
  throw new OrchError({
    code: 'invalid-option',
    summary: `${option} takes seconds, at least ${least} and at most 86400.`,
  });
}
