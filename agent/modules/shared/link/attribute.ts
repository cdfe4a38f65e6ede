import { isDeepStrictEqual } from 'node:util';
import * as z from 'zod';
import type { Need } from '../../../linux/programs/need.ts';
import type { TaskNeed } from '../../module.ts';
import { number, object, type Row, text } from '../rows.ts';

/** How a link that exists comes to another value: as it runs, while it is down, or only as a new link. */
export type Change = 'in place' | 'link down' | 'replace';

/** Something of a link that iproute2 sets and shows, and that a task may ask for. Most are made by the functions below. */
export interface Attribute<V> {
  /** The task's parameter, described and bounded; the base makes it optional. */
  readonly field: z.ZodType<V>;
  /** The value in a row of `ip -d -j link show`, in the words of the task; undefined where the kernel shows none. */
  shows(row: Row): V | undefined;
  /** The words for `ip link add|set`. */
  words(value: V): readonly string[];
  /**
   * Where `ip link set` with its words doesn't serve: the commands that lead from one value to the other, instead of
   * words. `others`: the present values of all, for what the kernel changes along.
   */
  edits?(link: string, wanted: V, present: V | undefined, others: Values): readonly Edit[];
  readonly change: Change;
  /** Where certain values are changed in another way. */
  readonly except?: Exception<V>;
  /** True: it belongs to the link's peer, and its words stand behind `peer`. */
  readonly ofPeer?: boolean;
  /** ip wants the parent beside it, which it finds in the link's own namespace alone: elsewhere it takes a new link. */
  readonly withParent?: boolean;
  /** The first kernel that has it ("6.1"); absent: older than any that counts. */
  readonly since?: string;
  /** The first iproute2 that has it, where that is later than `since`. */
  readonly ip?: string;
  /** What else the host must have for a value. */
  needs?(value: V): readonly Need[];
  /** The value of a link that was made without it: it is left out when such a link is made again. */
  readonly unset?: V;
  /** Whether what is there is what was asked for; default: deep equality. */
  same?(wanted: V, present: V): boolean;
  /** What is there once the wanted value was added to the present one; default: the wanted value. */
  becomes?(wanted: V, present: V): V;
}

/** One command of ip and its inverse, each whole. */
export interface Edit {
  readonly part: string;
  readonly there: readonly string[];
  readonly back: readonly string[];
}

export interface Exception<V> {
  readonly change: Change;
  when(wanted: V, present: V | undefined): boolean;
  /** When, for the table of attributes: "to or from passthru". */
  readonly text: string;
}

export type Attributes = Readonly<Record<string, Attribute<unknown>>>;
/** Values by the attributes' names, in the words of the task. */
export type Values = Readonly<Record<string, unknown>>;

/** The values that a table's parameters can have. */
export type ValuesOf<A extends Attributes> = { readonly [K in keyof A]?: z.infer<A[K]['field']> | undefined };

/** What the functions below let an author say beside field and names. */
export interface More<V> {
  /** Default: in place. */
  readonly change?: Change;
  readonly except?: Exception<V>;
  readonly since?: string;
  readonly ip?: string;
  readonly unset?: V;
  same?(wanted: V, present: V): boolean;
}

/** Whether a wanted value is there; what is not asked for always is. */
export function isAsWanted(attribute: Attribute<unknown>, wanted: unknown, present: unknown): boolean {
  if (wanted === undefined) return true;
  if (present === undefined) return false;
  return attribute.same === undefined ? isDeepStrictEqual(wanted, present) : attribute.same(wanted, present);
}

/** What a host must have for those of a table's attributes that have a value. iproute2 goes by the kernel's numbers. */
export function attributeNeeds(attributes: Attributes, values: Values): TaskNeed[] {
  return Object.entries(attributes).flatMap(([option, { since, ip = since, needs }]) => {
    if (values[option] === undefined) return [];
    const more = (needs?.(values[option]) ?? []).map((need): TaskNeed => ({ ...need, option }));
    const kernel: TaskNeed[] = since === undefined ? [] : [{ what: 'kernel', which: since, option }];
    return [...kernel, ...(ip === undefined ? [] : [{ what: 'iproute2', which: ip, option } as const]), ...more];
  });
}

export function changeOf(attribute: Attribute<unknown>, wanted: unknown, present: unknown): Change {
  return attribute.except?.when(wanted, present) ? attribute.except.change : attribute.change;
}

/** What the kind says of itself in a row: linkinfo.info_data. */
export function info(row: Row): Row {
  return object(object(row, 'linkinfo'), 'info_data');
}

/** `KEY NUMBER`, shown as a number under `json` (default: KEY). */
export function numeric(
  field: z.ZodType<number>,
  key: string,
  more: More<number> & { readonly json?: string } = {},
): Attribute<number> {
  const { json = key, ...rest } = more;
  return {
    change: 'in place',
    ...rest,
    field,
    shows: (row) => number(info(row), json),
    words: (value) => [key, String(value)],
  };
}

/** `KEY WORD`, shown as the same word under `json` (default: KEY). */
export function word<V extends string>(
  field: z.ZodType<V>,
  key: string,
  more: More<V> & { readonly json?: string } = {},
): Attribute<V> {
  const { json = key, ...rest } = more;
  return {
    change: 'in place',
    ...rest,
    field,
    shows: (row) => field.safeParse(text(info(row), json)).data,
    words: (value) => [key, value],
  };
}

/** Yes or no: `on` and `off` are the words of ip; shown as true or false, 1 or 0, or as a key that is there or not. */
export function toggle(
  description: string,
  json: string,
  say: { readonly on: readonly string[]; readonly off: readonly string[] },
  more: More<boolean> = {},
): Attribute<boolean> {
  // What new links have is shown either way where the kernel has it: in the row of an older one it is missing, and not off.
  const isMissing = (row: Row) => more.since !== undefined && more.unset === true && !(json in row);
  return {
    change: 'in place',
    ...more,
    field: z.boolean().describe(description),
    shows: (row) => (isMissing(info(row)) ? undefined : isOn(info(row), json)),
    words: (value) => (value ? say.on : say.off),
  };
}

/** iproute2 shows flags as booleans, as 0 and 1, as "on" and "off", and as a null that is there when it is set. */
function isOn(row: Row, key: string): boolean {
  const value = row[key];
  if (!(key in row) || value === false || value === 0) return false;
  return value !== 'off' && value !== '0';
}
