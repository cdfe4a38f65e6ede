import { OrchError } from '../../../proto/errors.ts';
import type { Action } from '../../linux/action.ts';
import type { Host } from '../../linux/host.ts';
import type { Plan, Step } from '../module.ts';
import { endOfLinks } from './files/links.ts';
import { fileAction } from './files/steps.ts';

/** What is wished of a unit; names and meanings are those of Ansible's module systemd. */
export interface UnitWish {
  readonly name: string;
  readonly state?: 'started' | 'stopped' | 'restarted' | 'reloaded' | undefined;
  readonly enabled?: boolean | undefined;
  readonly masked?: boolean | undefined;
  /** Whose unit it is: "service frr", or that of a user. */
  readonly object: string;
  /** Options of systemctl(1) before the verb. */
  readonly options: readonly string[];
}

export interface Unit {
  /** `systemctl show`. */
  readonly status: Readonly<Record<string, string>>;
  /** `systemctl is-enabled`: enabled, disabled, static, masked ... */
  readonly enablement: string;
  /** That of a linked unit, which goes where the unit is disabled. */
  readonly link?: UnitLink | undefined;
}

interface UnitLink {
  readonly path: string;
  readonly target: string;
  /** The file at the end of it. */
  readonly file: string;
}

const read = { onlyReads: true } as const;

/** Whether systemd runs the host (sd_booted(3)). */
export async function runBySystemd(host: Host): Promise<boolean> {
  return (await host.stat('/run/systemd/system')) !== undefined;
}

async function enablementOf(host: Host, { name, options }: UnitWish): Promise<string> {
  const { stdout } = await host.exec({ argv: ['systemctl', ...options, 'is-enabled', '--', name] }, read);
  return stdout.trim().split('\n')[0] ?? '';
}

/** The link at a path; undefined where systemd names none, and where nothing is there. Before version 246 it names the file at the end. */
async function linkAt(host: Host, path: string): Promise<UnitLink | undefined> {
  const there = path === '' ? undefined : await host.stat(path);
  const file = there && (await endOfLinks(host, path));
  return file ? { path, target: there.target ?? file, file } : undefined;
}

/** What systemd knows of a unit. Throws OrchError where the host has no systemd, or none that answers. */
export async function readUnit(host: Host, wish: UnitWish): Promise<Unit> {
  const { name, options } = wish;
  // No manager runs for all users: there is nothing to show (systemctl(1), --global).
  if (options.includes('--global')) {
    const enablement = await enablementOf(host, wish);
    const status = { LoadState: ['', 'not-found'].includes(enablement) ? 'not-found' : 'loaded' };
    const folder = `/${enablement === 'linked-runtime' ? 'run' : 'etc'}/systemd/user`;
    const link = isLinked(enablement) ? await linkAt(host, `${folder}/${fullName(name)}`) : undefined;
    return { enablement, status, link };
  }
  const shown = await host.exec({ argv: ['systemctl', ...options, 'show', '--', name] }, read);
  if (shown.status !== 0) {
    throw new OrchError({
      code: 'unsupported-by-host',
      summary: `systemctl says nothing of ${name}: ${shown.stderr.trim()}`,
      hint: 'The host must be run by systemd.',
    });
  }
  const lines = shown.stdout.split('\n').flatMap((line): [string, string][] => {
    const at = line.indexOf('=');
    return at < 0 ? [] : [[line.slice(0, at), line.slice(at + 1)]];
  });
  const status: Unit['status'] = Object.fromEntries(lines);
  const enablement = await enablementOf(host, wish);
  const link = isLinked(enablement) ? await linkAt(host, status.FragmentPath ?? '') : undefined;
  return { status, enablement, link };
}

function isLinked(enablement: string): boolean {
  return enablement.startsWith('linked');
}

function fullName(name: string): string {
  return /\.(?:service|socket|timer|path|target|mount|automount|slice)$/.test(name) ? name : `${name}.service`;
}

const baseOf = (path: string) => path.slice(path.lastIndexOf('/') + 1);

/** Enabled for Ansible: what systemctl ends with 0 for, but what lasts until the next start only, or is only meant by others. */
const enabledStates = ['enabled', 'static', 'generated'];

/** What a unit stays that says nothing of when it starts, or leaves that to others: systemctl enables it and ends with 0. */
const notByItself = /^(?:linked|alias|indirect)/;

/** Steps to the unit's wished state. Throws OrchError where there is no such unit. */
export function planUnit(wish: UnitWish, { status, enablement, link }: Unit): Plan {
  const { name, state, object, options } = wish;
  const systemctl = (verb: string): Action => ({
    op: 'exec',
    command: { argv: ['systemctl', ...options, verb, '--', name] },
  });
  const steps: Step[] = [];
  const note = (part: string, verb: string, back: string, ...undo: Action[]) =>
    steps.push({
      ...{ object, part, action: systemctl(verb), undo: back === '' ? [] : [systemctl(back), ...undo] },
      ...(verb === 'enable' && notByItself.test(enablement) ? { mayStay: true } : {}),
    });
  const masked = enablement.startsWith('masked');
  if (wish.masked !== undefined && wish.masked !== masked)
    note('masked', wish.masked ? 'mask' : 'unmask', wish.masked ? 'unmask' : 'mask');
  const enabled = enabledStates.includes(enablement);
  if (wish.enabled !== undefined || state !== undefined) requireUnit(name, status);
  if (wish.enabled === true && !enabled) note('enabled', 'enable', 'disable', ...relinking(wish, enablement, link));
  if (wish.enabled === false && enabled) note('enabled', 'disable', 'enable');
  const running = ['active', 'activating'].includes(status.ActiveState ?? '');
  const verb = verbFor(state, running || status.ActiveState === 'deactivating', running);
  if (verb !== undefined) note('state', verb, { start: 'stop', stop: 'start' }[verb] ?? '');

  const before = { active: status.ActiveState, enabled: enablement };
  const active = state === undefined ? status.ActiveState : state === 'stopped' ? 'inactive' : 'active';
  const wanted = wish.enabled === undefined ? enablement : wish.enabled ? 'enabled' : 'disabled';
  const result = {
    name,
    ...(state === undefined ? {} : { state: state === 'stopped' ? state : 'started' }),
    ...(wish.enabled === undefined ? {} : { enabled: wish.enabled }),
    status,
  };
  return { steps, before, after: steps.length === 0 ? before : { active, enabled: wanted }, result };
}

/** What links a unit again: systemctl(1) does so by the name of the file alone. */
function relinking({ options }: UnitWish, enablement: string, link: UnitLink | undefined): readonly Action[] {
  if (link === undefined) return [];
  const systemctl = (...words: string[]): Action => ({
    op: 'exec',
    command: { argv: ['systemctl', ...options, ...words] },
  });
  const { path, target, file } = link;
  const runtime = enablement === 'linked-runtime' ? ['--runtime'] : [];
  if (baseOf(file) === baseOf(path)) return [systemctl(...runtime, 'link', '--', file)];
  // In a user's own folder nothing is made by root.
  if (!/^\/(?:etc|run)\/systemd\//.test(path)) return [];
  const again = fileAction({ do: 'symlink', path, target });
  return options.includes('--global') ? [again] : [again, systemctl('daemon-reload')];
}

function verbFor(state: UnitWish['state'], up: boolean, running: boolean): string | undefined {
  switch (state) {
    case undefined:
      return undefined;
    case 'started':
      return running ? undefined : 'start';
    case 'stopped':
      return up ? 'stop' : undefined;
    case 'restarted':
      return running ? 'restart' : 'start';
    case 'reloaded':
      return running ? 'reload' : 'start';
  }
}

function requireUnit(name: string, { LoadState, LoadError }: Readonly<Record<string, string>>): void {
  if (LoadState === 'not-found') {
    throw new OrchError({
      code: 'missing-object',
      summary: `Could not find the requested service ${name}: host`,
      hint: 'A package or copy task before this one brings it; then daemon_reload: true.',
    });
  }
  if (LoadError !== undefined && LoadError !== '' && LoadState !== 'masked')
    throw new OrchError({ code: 'task-failed', summary: `Error loading unit file '${name}': ${LoadError}` });
}
