import { ownUser } from '../../../proto/own-user.ts';
import type { Secret, Target } from '../../connect/types.ts';
import { targetOf } from '../../inventory/target.ts';
import type { Common, Entry, Play } from '../../playbook/types.ts';
import type { Located } from '../../source/located.ts';
import type { SelectedPlay } from '../input/play-hosts.ts';
import type { ConnectionUser, RunContext } from '../state.ts';

/** How hosts are reached, where no variable says it. */
export interface ReachDefaults {
  readonly acceptHostKey: boolean;
  readonly password: Secret | undefined;
  readonly becomePassword: Secret | undefined;
  readonly user: string | undefined;
  readonly privateKey: string | undefined;
  readonly become: boolean;
  /** -c. */
  readonly connection: string | undefined;
  readonly port: number | undefined;
  /** Options of ssh: of ansible.cfg, of --ssh-common-args and of --ssh-extra-args. */
  readonly sshArgs: string | undefined;
  readonly sshCommonArgs: string | undefined;
  readonly sshExtraArgs: string | undefined;
  readonly timeoutMs: number;
}

/** The same as the command line and the settings say it. */
export interface ReachOptions extends Omit<ReachDefaults, 'timeoutMs'> {
  readonly becomeUser: string | undefined;
  readonly timeoutSeconds: number;
}

/** Connection variables of a host, rendered. */
export type HostVariable = (host: string, name: string) => unknown;

/** What the playbook says of how a host is reached; variables win over it, and it over the command line. */
export interface SaidOfHost {
  readonly user?: Located | undefined;
  readonly port?: Located | undefined;
  readonly connection?: Located | undefined;
  /** Some task there becomes another user. */
  readonly becomes: boolean;
  /** The first play on it, whose variables may say more. */
  readonly play?: Play;
}

/** Takes what the first play on a host says. `choose`: hosts of a pattern, for those that tasks have added. */
export function saidOfHosts(
  plays: readonly SelectedPlay[],
  choose: RunContext['chooseHosts'],
): (host: string) => SaidOfHost {
  const said = new Map<string, SaidOfHost>();
  const says = ({ play }: SelectedPlay, host: string): void => {
    const before = said.get(host);
    const becomes = mayBecome(play) || [...play.entries, ...play.handlers].some(entryMayBecome);
    const first = before ?? {
      user: play.remoteUser,
      port: play.port,
      connection: play.connection,
      play,
    };
    said.set(host, { ...first, becomes: becomes || before?.becomes === true });
  };
  for (const selected of plays) for (const host of selected.hosts) says(selected, host);
  return (host) => {
    if (!said.has(host)) {
      for (const selected of plays) if (choose(selected.play.hosts).hosts.includes(host)) says(selected, host);
    }
    return said.get(host) ?? { becomes: false };
  };
}

function mayBecome({ become, vars }: Pick<Common, 'become' | 'vars'>): boolean {
  return [become.become, vars.get('ansible_become')].some((said) => said !== undefined && said.value !== false);
}

function entryMayBecome(entry: Entry): boolean {
  if (mayBecome(entry)) return true;
  if (entry.kind === 'block') return [...entry.block, ...entry.rescue, ...entry.always].some(entryMayBecome);
  return entry.kind === 'include' && entry.entries?.some(entryMayBecome) === true;
}

/** Targets by host, each made once. Throws OrchError when a connection variable has a value that can't be. */
export function targets(
  variable: HostVariable,
  defaults: ReachDefaults,
  saidOf: (host: string) => SaidOfHost,
  render: (host: string, said: Located) => unknown,
): (host: string) => Target {
  const make = (host: string): Target => {
    const said = saidOf(host);
    const keyword = (located: Located | undefined) => located && render(host, located);
    const fallback: Readonly<Record<string, unknown>> = {
      ansible_user: keyword(said.user) ?? defaults.user,
      ansible_port: keyword(said.port) ?? defaults.port,
      ansible_connection: keyword(said.connection) ?? defaults.connection,
      ansible_ssh_private_key_file: defaults.privateKey,
      ansible_ssh_args: defaults.sshArgs,
      ansible_ssh_common_args: defaults.sshCommonArgs,
      ansible_ssh_extra_args: defaults.sshExtraArgs,
    };
    const become = defaults.become || said.becomes;
    return targetOf(host, (name) => variable(host, name) ?? fallback[name], { ...defaults, become });
  };
  const made = new Map<string, Target>();
  return (host) => {
    const target = made.get(host) ?? make(host);
    made.set(host, target);
    return target;
  };
}

/** Who commands run as on a host: the login, and what connection variables say of become. */
export function connectionUsers(
  target: (host: string) => Target,
  variable: HostVariable,
): (host: string) => ConnectionUser {
  const known = new Map<string, ConnectionUser>();
  return (host) => {
    const user = known.get(host) ?? connectionUser(host, target(host), variable);
    known.set(host, user);
    return user;
  };
}

function connectionUser(host: string, target: Target, variable: HostVariable): ConnectionUser {
  const become = variable(host, 'ansible_become');
  const becomeUser = variable(host, 'ansible_become_user');
  return {
    login: target.user ?? ownUser(),
    loginSaid: given(variable(host, 'ansible_user')) || given(variable(host, 'ansible_ssh_user')),
    become: given(become) ? target.become : undefined,
    becomeUser: given(becomeUser) ? String(becomeUser) : undefined,
  };
}

function given(value: unknown): boolean {
  return value !== undefined && value !== null;
}
