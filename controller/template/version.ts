import { Fault } from './fault.ts';
import { didYouMean } from './suggest.ts';

/** Numbers and words of a version, as Python's LooseVersion splits it. */
const parts = (version: string): (string | number)[] =>
  (version.match(/\d+|[a-z]+/gi) ?? []).map((part) => (/^\d/.test(part) ? Number(part) : part));

function order(a: string, b: string): number {
  const left = parts(a);
  const right = parts(b);
  for (let index = 0; index < Math.max(left.length, right.length); index++) {
    const [one, two] = [left[index], right[index]];
    if (one === two) continue;
    if (one === undefined || two === undefined) return one === undefined ? -1 : 1;
    // A word beside a number is a pre-release, and comes before it.
    if (typeof one !== typeof two) return typeof one === 'string' ? -1 : 1;
    return one < two ? -1 : 1;
  }
  return 0;
}

const operators = new Map<string, (order: number) => boolean>([
  ...['==', '=', 'eq'].map((name) => [name, (n: number) => n === 0] as const),
  ...['!=', '<>', 'ne'].map((name) => [name, (n: number) => n !== 0] as const),
  ...['<', 'lt'].map((name) => [name, (n: number) => n < 0] as const),
  ...['<=', 'le'].map((name) => [name, (n: number) => n <= 0] as const),
  ...['>', 'gt'].map((name) => [name, (n: number) => n > 0] as const),
  ...['>=', 'ge'].map((name) => [name, (n: number) => n >= 0] as const),
]);

/** `a operator b` of two versions such as 6.12 or 6.1.0-rc2. */
export function compareVersions(a: string, b: string, operator: string): boolean {
  const test = operators.get(operator);
  if (!test)
    throw new Fault(`'${operator}' is not an operator for versions`, { hint: didYouMean(operator, operators.keys()) });
  return test(order(a, b));
}
