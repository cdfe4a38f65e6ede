import * as z from 'zod';
import { OrchError } from '../../proto/errors.ts';
import type { Host } from '../linux/host.ts';
import { defineModule, type Plan, type TaskNeed } from './module.ts';
import { checked, hostPath, inNetns, noneOf } from './shared/fields.ts';
import { type Edited, editObjects } from './shared/files/edit.ts';
import { fileMode } from './shared/files/mode.ts';
import { ownerAliases, ownerFields } from './shared/files/owner.ts';
import { unsafeWrites } from './shared/files/write.ts';
import { placeText, requireLink, requireNetns } from './shared/place.ts';
import {
  combinedKey,
  deviceOf,
  effectiveText,
  effectiveValue,
  isWrittenAlong,
  knownBy,
  normalised,
  sysctlName,
  sysctlNameProblem,
  sysctlPath,
  sysctlPaths,
} from './shared/sysctl.ts';
import { hasAttributes, readSysctlFile, sysctlFilePlan } from './shared/sysctl-file.ts';

const key = checked(sysctlNameProblem);
const setting = z.union([
  z.string().max(4000),
  z
    .int()
    .min(-(2 ** 53))
    .max(2 ** 53),
  z.boolean(),
]);

const fields = z.strictObject({
  name: key
    .optional()
    .describe('Key, as sysctl(8) takes it: net.ipv4.ip_forward. A dot in a link name is written as a slash.'),
  key: key.optional().describe('The same as `name`.'),
  value: setting.optional().describe('Value; true and false, and words for them, are 1 and 0.'),
  val: setting.optional().describe('The same as `value`.'),
  state: z.enum(['absent', 'present']).optional().describe('absent: the line of the key goes; what counts now stays.'),
  sysctl_file: hostPath
    .optional()
    .describe('File that has the setting, too; default: /etc/sysctl.conf where the task says anything else of files.'),
  sysctl_set: z.boolean().optional().describe('Set what counts now, also with reload: no.'),
  reload: z.boolean().optional().describe('Set what counts now, and not the file alone; default: yes.'),
  ignoreerrors: z.boolean().optional().describe('Keys that the kernel does not have are for the file alone.'),
  netns: inNetns,
  mode: fileMode.optional().describe('Permissions of the file.'),
  ...ownerFields,
  unsafe_writes: unsafeWrites,
});
type Params = z.infer<typeof fields>;

interface Current {
  /** Undefined: the key will be there once the objects that check mode promised are. */
  readonly value: string | undefined;
  /** The value for all links, where the kernel combines the two. */
  readonly all: string | undefined;
  /** What tasks of the run have asked for links, and this one may write over. */
  readonly others: readonly Params[];
  readonly file: Edited | undefined;
}

/** The file that has the setting, too: as in Ansible where the task speaks of one. */
function fileOf(params: Params): string | undefined {
  const { state, sysctl_file, sysctl_set, reload, ignoreerrors } = params;
  const said = [state, sysctl_set, reload, ignoreerrors].some((each) => each !== undefined) || hasAttributes(params);
  return sysctl_file ?? (said ? '/etc/sysctl.conf' : undefined);
}

function filePlan(params: Params, { file }: Pick<Current, 'file'>) {
  const path = fileOf(params);
  if (!file || path === undefined) return undefined;
  const value = params.state === 'absent' ? undefined : wishOf(params);
  return sysctlFilePlan({ path, name: nameOf(params), value }, params, file);
}

/** Whether the kernel's own value is to be the wanted one. */
function isLive(params: Params): boolean {
  if (params.state === 'absent') return false;
  return fileOf(params) === undefined || params.sysctl_set === true || params.reload !== false;
}

function nameOf({ name, key: same }: Params): string {
  return name ?? same ?? '';
}

function pathOf(params: Params): string {
  return sysctlPath(params.name ?? params.key ?? '');
}

function wishOf(params: Params): string {
  const value = params.value ?? params.val ?? '';
  const text = String(value);
  if (/^(?:true|t|yes|y|on)$/i.test(text)) return '1';
  return /^(?:false|f|no|n|off)$/i.test(text) ? '0' : normalised(text);
}

function objectOf(netns: string | undefined, path: string): string {
  return `sysctl ${netns === undefined ? '' : `${netns} `}${sysctlName(path)}`;
}

function contradictions(params: Params): [keyof Params, string][] {
  const found: [keyof Params, string][] = [];
  if (params.name === undefined && params.key === undefined) found.push(['name', 'say the key: net.ipv4.ip_forward']);
  if (params.name !== undefined && params.key !== undefined) found.push(['key', 'say name or key, not both']);
  if (params.value === undefined && params.val === undefined && params.state !== 'absent')
    found.push(['state', 'state is present but all of the following are missing: value']);
  if (params.value !== undefined && params.val !== undefined) found.push(['val', 'say value or val, not both']);
  if (params.netns !== undefined && fileOf(params) !== undefined)
    found.push(['netns', 'a file has no settings of a namespace']);
  if (params.netns !== undefined && !pathOf(params).startsWith('net/')) {
    found.push(['netns', 'only keys under net are of a namespace']);
  }
  return found;
}

/** Others may be empty; this one alone can't be set back to that (addrconf_sysctl_stable_secret in net/ipv6/addrconf.c). */
function isUnset(path: string, { value }: Current): boolean {
  return value === '' && path.endsWith('/stable_secret');
}

/**
 * What a link or a namespace that check mode has promised will have. A link begins with the defaults (inetdev_init() in
 * net/ipv4/devinet.c); one that is set behind it, it may follow or not.
 */
async function freshValue(host: Host, { netns, ...params }: Params): Promise<string | undefined> {
  const path = pathOf(params);
  const dev = deviceOf(path);
  if (dev === undefined) return freshInNetns(host, netns, path);
  if (!path.startsWith('net/ipv4/conf/') || !host.promised({ kind: 'link', netns, name: dev })) return undefined;
  const key = path.replace(/[^/]+(?=\/[^/]+$)/, 'default');
  const isSet = host.asked().some(({ module: name, params: asked }) => {
    return name === 'sysctl' && pathOf(asked as Params) === key && (asked as Params).netns === netns;
  });
  return isSet ? undefined : ((await host.sysctl(key, netns)) ?? freshInNetns(host, netns, key));
}

/** A namespace is as any new one is. */
async function freshInNetns(host: Host, netns: string | undefined, key: string): Promise<string | undefined> {
  if (netns === undefined || !host.promised({ kind: 'netns', name: netns })) return undefined;
  const { status, stdout } = await host.scratch([], { argv: ['cat', `/proc/sys/${key}`] });
  return status === 0 ? stdout : undefined;
}

/** Why there is no such key: the namespace, the link, or the key itself is missing. Returns when check mode promised them. */
async function explainMissing(host: Host, params: Params): Promise<void> {
  const path = pathOf(params);
  const { netns } = params;
  await requireNetns(host, netns);
  const dev = deviceOf(path);
  if (dev !== undefined) await requireLink(host, netns, dev);
  if (dev !== undefined && host.promised({ kind: 'link', netns, name: dev })) return;
  throw new OrchError({
    code: 'missing-object',
    summary: `There is no sysctl ${params.name ?? params.key} ${placeText(netns)}.`,
    detail: `/proc/sys/${path} does not exist there.`,
    hint: netns === undefined ? 'Look for it with: sysctl -a' : 'Some keys exist on the host only, not in a namespace.',
  });
}

function neededFor(params: Params): TaskNeed[] {
  const path = pathOf(params);
  const option = params.name === undefined ? 'key' : 'name';
  if (path.startsWith('net/bridge/')) return [{ what: 'module', which: 'br_netfilter', option }];
  const which = isLive(params) && params.ignoreerrors !== true ? knownBy(path) : undefined;
  return which === undefined ? [] : [{ what: 'sysctl', which, option }];
}

export const module = defineModule({
  name: 'sysctl',
  form: 'converge',
  summary: 'Sets a kernel parameter, on the host or in a namespace.',
  notes:
    'No file of /etc is written, unless the task says `sysctl_file`, `state`, `sysctl_set` or `reload`: then, as with ' +
    'ansible.posix.sysctl, the file has the setting, too. Some parameters of a link count only together with the one for all links ' +
    '(rp_filter: the larger of the two); the task then returns `previous_effective` and `effective`, and warns when ' +
    'the wish has no effect.',
  examples: [
    'sysctl:\n  name: net.ipv4.ip_forward\n  value: 1\n  netns: ns01',
    'sysctl:\n  name: net.ipv4.conf.ens34.rp_filter\n  value: 2',
    'sysctl:\n  name: net.ipv4.conf.eth0/100.rp_filter\n  value: 0',
  ],
  aliases: ownerAliases,
  params: fields.superRefine(noneOf(contradictions)),

  needs: neededFor,

  objects: (params, { file }: Current) => [
    ...sysctlPaths(pathOf(params)).map((path) => objectOf(params.netns, path)),
    ...(file ? editObjects(file, true) : []),
  ],

  async read(params, host): Promise<Current> {
    const path = pathOf(params);
    const said = fileOf(params);
    const file = said === undefined ? undefined : await readSysctlFile(host, said, params);
    if (!isLive(params)) {
      return { value: undefined, all: undefined, others: [], file };
    }
    const value = (await host.sysctl(path, params.netns)) ?? (await freshValue(host, params));
    if (value === undefined && params.ignoreerrors !== true) await explainMissing(host, params);
    const combination = combinedKey(path);
    const all = combination === undefined ? undefined : await host.sysctl(combination.all, params.netns);
    return {
      file,
      value: value === undefined ? undefined : normalised(value),
      all: all === undefined ? undefined : normalised(all),
      others: host.asked().flatMap(({ module: name, params: asked }) => {
        const other = asked as Params;
        return name === 'sysctl' && isLive(other) && other.netns === params.netns && isWrittenAlong(pathOf(other), path)
          ? [other]
          : [];
      }),
    };
  },

  plan(params, current) {
    const inFile = filePlan(params, current);
    const absent = params.ignoreerrors === true && current.value === undefined;
    if (absent || !isLive(params)) return inFile ?? { steps: [], before: {}, after: {} };
    const live = livePlan(params, current);
    if (!inFile) return live;
    const { before, after, warnings = [] } = inFile;
    return {
      ...live,
      steps: [...inFile.steps, ...live.steps],
      before: { file: before, kernel: live.before },
      after: { file: after, kernel: live.after },
      warnings: [...warnings, ...(live.warnings ?? [])],
    };
  },
});

/** What leads the kernel's own value to the wanted one. */
function livePlan(params: Params, current: Current): Plan {
  const path = pathOf(params);
  const { netns } = params;
  const value = wishOf(params);
  const name = nameOf(params);
  const combination = combinedKey(path);
  const [all, was, wish] = [Number(current.all), Number(current.value), Number(value)];
  const known =
    combination !== undefined && current.all !== undefined && Number.isInteger(all) && Number.isInteger(wish);
  const effective = known ? effectiveValue(combination.how, all, wish) : undefined;
  const effectiveBefore = known && Number.isInteger(was) ? effectiveValue(combination.how, all, was) : undefined;
  const plan = {
    before: { [name]: isUnset(path, current) ? 'unset' : (current.value ?? 'absent') },
    after: { [name]: value },
    warnings:
      known && effective !== wish
        ? [
            `${name} = ${value} has no effect: ${effectiveText(combination, all, wish)}; set ${combination.all.replaceAll('/', '.')} as well`,
          ]
        : [],
    result: {
      name,
      value,
      ...(current.value === undefined ? {} : { previous: current.value }),
      ...(effectiveBefore === undefined ? {} : { previous_effective: String(effectiveBefore) }),
      ...(effective === undefined ? {} : { effective: String(effective) }),
    },
  };
  if (current.value === value) return { steps: [], ...plan };
  const action = { op: 'sysctl', netns, key: path, value } as const;
  if (isUnset(path, current)) {
    const warnings = [...plan.warnings, `${name} had no value, which nothing gives back: destroy leaves it as it is`];
    return { steps: [{ object: objectOf(netns, path), action, undo: [] }], ...plan, warnings };
  }
  const undo = current.value === undefined ? [] : [{ ...action, value: current.value }];
  const again = current.others.map((other) => ({
    object: objectOf(netns, pathOf(other)),
    action: { ...action, key: pathOf(other), value: wishOf(other) },
    undo: [],
  }));
  return { steps: [{ object: objectOf(netns, path), action, undo }, ...again], ...plan };
}
