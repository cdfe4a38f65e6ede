import { repr, str } from '../template/python/text.ts';

type Mapping = Readonly<Record<string, unknown>>;

function listsOf(said: unknown): readonly (readonly unknown[])[] {
  return Array.isArray(said) ? said.filter((each) => Array.isArray(each)) : [];
}

function namesIn(said: unknown): readonly string[][] {
  return listsOf(said).map((group) => group.map(String));
}

/** What of an option's own options is given that excludes each other, by the option's `mutually_exclusive`. */
export function excludingErrors({ mutually_exclusive }: Mapping, given: ReadonlySet<string>): readonly string[] {
  const groups = namesIn(mutually_exclusive).filter((group) => group.filter((name) => given.has(name)).length > 1);
  if (groups.length === 0) return [];
  return [`parameters are mutually exclusive: ${groups.map((group) => group.join('|')).join(', ')}`];
}

/** What is missing by an option's `required_together`, `required_one_of`, `required_if` and `required_by`: of each the first, as in Ansible. */
export function missingErrors(said: Mapping, values: ReadonlyMap<string, unknown>): readonly string[] {
  const has = (name: string) => values.has(name);
  const parted = namesIn(said.required_together).find((group) => group.some(has) && !group.every(has));
  const none = namesIn(said.required_one_of).find((group) => !group.some(has));
  return [
    ...(parted ? [`parameters are required together: ${parted.join(', ')}`] : []),
    ...(none ? [`one of the following is required: ${none.join(', ')}`] : []),
    ...listsOf(said.required_if)
      .flatMap((condition) => missingIf(condition, values))
      .slice(0, 1),
    ...Object.entries(said.required_by ?? {})
      .flatMap(([name, others]) => missingBy(name, others, values))
      .slice(0, 1),
  ];
}

/** By one line of `required_if`: a name, its value, the names that it takes then, and whether one of them is enough. */
function missingIf(condition: readonly unknown[], values: ReadonlyMap<string, unknown>): readonly string[] {
  const [key, value, others, one = false] = condition;
  const name = String(key);
  if (!values.has(name) || repr(values.get(name)) !== repr(value)) return [];
  const wanted = [others].flat().map(String);
  const missing = wanted.filter((each) => !values.has(each));
  if (missing.length === 0 || (one === true && missing.length < wanted.length)) return [];
  const many = one === true ? 'any' : 'all';
  return [`${name} is ${str(value)} but ${many} of the following are missing: ${missing.join(', ')}`];
}

function missingBy(name: string, others: unknown, values: ReadonlyMap<string, unknown>): readonly string[] {
  if ((values.get(name) ?? null) === null) return [];
  const missing = [others].flat().filter((each) => (values.get(String(each)) ?? null) === null);
  return missing.length === 0 ? [] : [`missing parameter(s) required by '${name}': ${missing.join(', ')}`];
}
