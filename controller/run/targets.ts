import { userInfo } from 'node:os';
import type { Secret, Target } from '../connect/types.ts';
import { targetOf } from '../inventory/target.ts';
import type { ConnectionUser } from './state.ts';

/** How hosts are reached, where no variable says it. */
export interface ReachDefaults {
  readonly acceptHostKey: boolean;
  readonly password: Secret | undefined;
  readonly becomePassword: Secret | undefined;
  readonly user: string | undefined;
  readonly privateKey: string | undefined;
  readonly become: boolean;
  readonly timeoutMs: number;
}

/** Connection variables of a host, rendered. */
export type HostVariable = (host: string, name: string) => unknown;

/** Targets by host, each made once. Throws OrchError when a connection variable has a value that can't be. */
export function targets(variable: HostVariable, defaults: ReachDefaults): (host: string) => Target {
  const fallback: Readonly<Record<string, unknown>> = {
    ansible_user: defaults.user,
    ansible_ssh_private_key_file: defaults.privateKey,
  };
  const made = new Map<string, Target>();
  return (host) => {
    const target = made.get(host) ?? targetOf(host, (name) => variable(host, name) ?? fallback[name], defaults);
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
    login: target.user ?? userInfo().username,
    become: become === undefined || become === null ? undefined : target.become,
    becomeUser: becomeUser === undefined || becomeUser === null ? undefined : String(becomeUser),
  };
}
