import { basename, join, resolve } from 'node:path';
import { literalData } from '../../source/literal.ts';
import { loadYaml } from '../../source/load-yaml.ts';
import type { Located } from '../../source/located.ts';
import { child, placeOf } from '../../source/origins.ts';
import { noKeywords } from '../keywords/no-keywords.ts';
import { locatedAt, ownTask } from '../plays/own-task.ts';
import type { RoleUse, Task } from '../types.ts';
import type { Context } from './context.ts';
import { isMappingAt } from './fields.ts';

const places = ['argument_specs.yml', 'argument_specs.yaml', 'main.yml', 'main.yaml'];

/** `argument_specs` of the meta/ of the role that `name` names, with its place. */
function specsOf(path: string, name: Located, context: Context): Located | undefined {
  for (const place of places) {
    const file = join(path, 'meta', place);
    if (!context.exists(file)) continue;
    const { documents, errors } = loadYaml(context.read(file, name) ?? '', file);
    // Those of main.yml are told by who reads the rest of it.
    if (place.startsWith('argument')) context.errors.push(...errors);
    const specs = documents[0] && child(documents[0], 'argument_specs');
    if (specs) return specs;
  }
  return undefined;
}

/**
 * The task that a role begins with when its meta/ says which arguments it takes: for `main`, or what `tasks_from` says, letter by
 * letter: `install.yml` is not `install`, as in Ansible. Runs whatever tags are chosen.
 */
export function argumentChecks(
  use: RoleUse,
  from: string | undefined,
  name: Located,
  context: Context,
): readonly Task[] {
  const specs = specsOf(use.path, name, context);
  if (!specs) return [];
  const entry = from ?? 'main';
  const spec = child(specs, entry);
  if (!spec || spec.value === null) return [];
  if (!isMappingAt(spec)) {
    context.error(spec, { summary: `the argument specification "${entry}" must be a mapping` });
    return [];
  }
  const options = child(spec, 'options');
  const { short_description: said } = spec.value;
  const title = `Validating arguments against arg spec '${entry}'${typeof said === 'string' ? ` - ${said}` : ''}`;
  const at = placeOf(name);
  const params = Object.fromEntries([...use.params].map(([key, { value }]) => [key, value]));
  const args = {
    argument_spec: options && isMappingAt(options) ? literalData(options.value) : {},
    provided_arguments: params,
    validate_args_context: {
      type: 'role',
      name: basename(use.path),
      argument_spec_name: entry,
      path: resolve(use.path),
    },
  };
  const task = ownTask('validate_argument_spec', noKeywords(at), args);
  return [{ ...task, name: locatedAt(at, title), tags: ['always'] }];
}
