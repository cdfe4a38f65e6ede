import { isNumber } from '../../../proto/float.ts';
import type { Located } from '../../source/located.ts';
import { keywords } from '../keywords/keywords.ts';
import type { Common, ModuleDefaults, RoleFiles, Vars } from '../types.ts';
import { describe } from '../values/describe.ts';
import type { Context } from './context.ts';
import { Fields, isMappingAt, type Mapping } from './fields.ts';
import { withModuleDefaults } from './module-defaults.ts';
import { parseCommon } from './parse-common.ts';

/** A role that something names. */
export interface RoleRequest {
  readonly name: Located<string>;
  /** Keywords for all of it; its `vars` are given to the role. */
  readonly common: Common | undefined;
  readonly params?: Vars;
  readonly moduleDefaults?: ModuleDefaults;
  /** Those that stand around the include or import which brings it as a dependency: they win. */
  readonly defaultsAround?: ModuleDefaults | undefined;
  /** The same use of it runs once. */
  readonly once?: boolean;
  readonly files?: RoleFiles;
  /** Its arguments are not held against its specification. */
  readonly unchecked?: boolean;
}

/** A role as `roles` and `dependencies` name it: a name, or a mapping with keywords and parameters. */
export function roleRequest(item: Located, context: Context): RoleRequest | undefined {
  if (typeof item.value === 'string' || isNumber(item.value)) {
    return { name: { ...item, value: String(item.value) }, common: undefined };
  }
  if (!isMappingAt(item)) {
    context.error(item, { summary: `a role must be a name or a mapping, not ${describe(item.value)}` });
    return undefined;
  }
  const fields = new Fields(item, context);
  const name = fields.text('role') ?? fields.text('name') ?? fields.text('src');
  if (!name) {
    context.error(item, { summary: 'this role has no name', hint: 'write "role: NAME"' });
    return undefined;
  }
  const { moduleDefaults } = withModuleDefaults(fields, context).scene;
  const { notify: _, ...said } = item.value;
  const common = parseCommon(item, new Fields({ ...item, value: said }, context), context);
  return { name, common, params: paramsOf(item, fields), moduleDefaults };
}

/** What is no keyword of a role is a variable for it. */
function paramsOf(item: Located<Mapping>, fields: Fields): Vars {
  const names = Object.keys(item.value).filter((key) => !keywords.role.has(key));
  return new Map(
    names.flatMap((key) => {
      const value = fields.value(key);
      return value ? [[key, value] as const] : [];
    }),
  );
}
