import { spawnSync } from 'node:child_process';
import { release } from 'node:os';
import { isOlder } from '../../agent/linux/programs/lacks.ts';
import type { Need } from '../../agent/linux/programs/need.ts';
import type { TaskNeed } from '../../agent/modules/module.ts';
import { registry } from '../../agent/modules/registry.gen.ts';
import type { Attribute } from '../../agent/modules/shared/link/attribute.ts';
import { commonAttributes } from '../../agent/modules/shared/link/common.ts';
import type { LinkKind } from '../../agent/modules/shared/link/kind.ts';
import type { Trial } from './link-trials.ts';

export type Task = Readonly<Record<string, unknown>>;

/** A host that links are tried on. */
export interface Place {
  readonly on: string;
  readonly kernel: string;
  readonly iproute2: string;
  /** How `orch testbed up` makes it. */
  readonly driver: readonly string[];
  has(kind: LinkKind): boolean;
  /** Whether its kernel was built without an option. */
  lacksOption(option: string): boolean;
}

const hasByAge = (kernel: string) => (kind: LinkKind) => !isOlder(kernel, kind.since ?? '0');

function hasHere({ name }: LinkKind): boolean {
  const { stderr } = spawnSync('unshare', ['--net', 'ip', 'link', 'add', 'name', 'probe', 'type', name]);
  return !stderr.toString().includes('Unknown device type');
}

function isLackingHere(option: string): boolean {
  return spawnSync('zgrep', ['-q', `^CONFIG_${option}=[ym]$`, '/proc/config.gz']).status === 1;
}

export const debian13: Place = {
  on: 'Debian 13',
  ...{ kernel: '6.12', iproute2: '6.15', driver: ['qemu', '--release', 'trixie'], has: hasByAge('6.12') },
  lacksOption: () => false,
};
export const debian12: Place = {
  on: 'Debian 12',
  ...{ kernel: '6.1', iproute2: '6.1', driver: ['qemu', '--release', 'bookworm'], has: hasByAge('6.1') },
  lacksOption: () => false,
};
export const thisMachine: Place = {
  on: 'this machine',
  ...{ kernel: release(), iproute2: '6.15', driver: ['netns'], has: hasHere },
  lacksOption: isLackingHere,
};

/** The attributes of a kind that came after a place's kernel or its iproute2. */
export function lateOn({ kernel, iproute2 }: Place, { attributes }: LinkKind): readonly string[] {
  const late = ({ since = '0', ip = since }: Attribute<unknown>) => isOlder(kernel, since) || isOlder(iproute2, ip);
  const all: [string, Attribute<unknown>][] = Object.entries({ ...commonAttributes, ...attributes });
  return all.filter(([, attribute]) => late(attribute)).map(([name]) => name);
}

/** What a place lacks of what a task needs: too new for its kernel or its iproute2, or left out of that kernel. */
function lacking({ kernel, iproute2, lacksOption }: Place, name: string, params: Task): readonly TaskNeed[] {
  const module = registry.get(name);
  const needs = module?.form === 'converge' ? module.needs?.(module.params.parse(params)) : undefined;
  const had: Partial<Record<Need['what'], string>> = { kernel, iproute2 };
  return (needs ?? []).filter(({ what, which }) =>
    what === 'config' ? lacksOption(which) : isOlder(had[what], which),
  );
}

/** The parameters of a task that a place cannot have. */
export function lateParams(place: Place, name: string, params: Task): readonly string[] {
  return [...new Set(lacking(place, name, params).flatMap(({ option }) => option ?? []))];
}

/** How refusals of a task begin, one for each thing that the place lacks. */
export function refusals(place: Place, name: string, params: Task): readonly string[] {
  const asked = lacking(place, name, params).map(({ option }) => (option === undefined ? name : `${name}: ${option}`));
  return [...new Set(asked)].map((words) => `${words} needs `);
}

/** The steps that a place is able to, without the attributes that it has not. */
export function stepsOn({ kind, steps }: Trial, place: Place): readonly Task[] {
  const late = lateOn(place, kind);
  const kept = steps.map((step) => Object.fromEntries(Object.entries(step).filter(([name]) => !late.includes(name))));
  return kept.filter((step) => Object.keys(step).some((name) => name !== 'replaced'));
}

/** Parameters of a task, without those that a step takes away. */
export function paramsOf(common: Task, { replaced: _, ...own }: Task): Task {
  return Object.fromEntries(Object.entries({ ...common, ...own }).filter(([, value]) => value !== null));
}
