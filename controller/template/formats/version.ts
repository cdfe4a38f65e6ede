import { Fault } from '../fault.ts';
import { repr } from '../python/text.ts';
import { didYouMean } from '../suggest.ts';

type Part = string | number;

/** Numbers, words and what else stands between dots, as Python's LooseVersion splits it. */
const looseParts = (version: string): Part[] =>
  (version.match(/\d+|[a-z]+|[^\da-z.]+/g) ?? []).map((part) => (/^\d/.test(part) ? Number(part) : part));

function orderOf(left: readonly Part[], right: readonly Part[]): number {
  for (let index = 0; index < Math.max(left.length, right.length); index++) {
    const [one, two] = [left[index], right[index]];
    if (one === two) continue;
    if (one === undefined || two === undefined) return one === undefined ? -1 : 1;
    if (typeof one !== typeof two) throw new Fault(`the version parts '${one}' and '${two}' have no order`);
    return one < two ? -1 : 1;
  }
  return 0;
}

const loose = (a: string, b: string): number => orderOf(looseParts(a), looseParts(b));

/** `1.2`, `1.2.3`, `1.2a1`: distutils' StrictVersion. */
function strict(a: string, b: string): number {
  const read = (version: string): Part[] => {
    const found = /^(\d+)\.(\d+)(?:\.(\d+))?(?:([ab])(\d+))?$/.exec(version);
    if (!found) throw new Fault(`'${version}' is not a strict version such as 1.2.3`);
    const [, major, minor, patch = '0', letter = 'final', number = '0'] = found;
    return [Number(major), Number(minor), Number(patch), letter, Number(number)];
  };
  return orderOf(read(a), read(b));
}

/** Semantic Versioning 2.0.0, section 11: a pre-release comes before its release. */
function semantic(a: string, b: string): number {
  const read = (version: string) => {
    const found = /^(\d+)\.(\d+)\.(\d+)(?:-([\w.-]+))?(?:\+[\w.-]+)?$/.exec(version);
    if (!found) throw new Fault(`'${version}' is not a semantic version such as 1.2.3-rc.1`);
    const [, major, minor, patch, release] = found;
    return { core: [Number(major), Number(minor), Number(patch)], release: release?.split('.') };
  };
  const [one, two] = [read(a), read(b)];
  const core = orderOf(one.core, two.core);
  if (core !== 0 || (!one.release && !two.release)) return core;
  if (!one.release || !two.release) return one.release ? -1 : 1;
  for (let index = 0; index < Math.max(one.release.length, two.release.length); index++) {
    const [left, right] = [one.release[index], two.release[index]];
    if (left === right) continue;
    if (left === undefined || right === undefined) return left === undefined ? -1 : 1;
    const numeric = [/^\d+$/.test(left), /^\d+$/.test(right)];
    if (numeric[0] && numeric[1]) return Number(left) < Number(right) ? -1 : 1;
    if (numeric[0] !== numeric[1]) return numeric[0] ? -1 : 1;
    return left < right ? -1 : 1;
  }
  return 0;
}

const pep440Form =
  /^v?(?:(\d+)!)?(\d+(?:\.\d+)*)(?:[-_.]?(a|b|c|rc|alpha|beta|pre|preview)[-_.]?(\d*))?(?:(?:-(\d+))|(?:[-_.]?(?:post|rev|r)[-_.]?(\d*)))?(?:[-_.]?dev[-_.]?(\d*))?(?:\+[\w.-]+)?$/i;
const stages: Readonly<Record<string, number>> = { a: 1, alpha: 1, b: 2, beta: 2, c: 3, rc: 3, pre: 3, preview: 3 };

/** PEP 440: development, pre-releases, the release, post-releases. */
function pep440(a: string, b: string): number {
  const read = (version: string): Part[] => {
    const found = pep440Form.exec(version.trim());
    if (!found) throw new Fault(`'${version}' is not a version of PEP 440`);
    const [, epoch = '0', release = '', stage, stageNumber, dash, postNumber, dev] = found;
    const post = dash ?? postNumber;
    const numbers = release.split('.').map(Number);
    while (numbers.length < 8) numbers.push(0);
    const pre =
      stage !== undefined ? (stages[stage.toLowerCase()] ?? 3) : dev !== undefined && post === undefined ? 0 : 4;
    const last = Number.MAX_SAFE_INTEGER;
    return [
      ...[Number(epoch), ...numbers, pre, Number(stageNumber || 0)],
      ...[post === undefined ? -1 : Number(post || 0), dev === undefined ? last : Number(dev || 0)],
    ];
  };
  return orderOf(read(a), read(b));
}

const types = new Map<string, (a: string, b: string) => number>([
  ['loose', loose],
  ['strict', strict],
  ['semver', semantic],
  ['semantic', semantic],
  ['pep440', pep440],
]);

const operators = new Map<string, (order: number) => boolean>([
  ...['==', '=', 'eq'].map((name) => [name, (n: number) => n === 0] as const),
  ...['<', 'lt'].map((name) => [name, (n: number) => n < 0] as const),
  ...['<=', 'le'].map((name) => [name, (n: number) => n <= 0] as const),
  ...['>', 'gt'].map((name) => [name, (n: number) => n > 0] as const),
  ...['>=', 'ge'].map((name) => [name, (n: number) => n >= 0] as const),
  ...['!=', '<>', 'ne'].map((name) => [name, (n: number) => n !== 0] as const),
]);

/** `a operator b` of two versions such as 6.12 or 6.1.0-rc2, by one of the ways to read them. */
export function compareVersions(a: string, b: string, operator: string, type = 'loose'): boolean {
  const test = operators.get(operator);
  if (!test)
    throw new Fault(
      `Invalid operator type (${operator}). Must be one of ${[...operators.keys()].map(repr).join(', ')}`,
      { hint: didYouMean(operator, operators.keys()) },
    );
  if (a === '' || b === '') throw new Fault('the version value cannot be empty');
  const order = types.get(type);
  if (!order) throw new Fault(`there is no version type '${type}'`, { hint: didYouMean(type, types.keys()) });
  return test(order(a, b));
}
