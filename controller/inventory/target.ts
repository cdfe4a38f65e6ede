import { OrchError } from '../../proto/errors.ts';
import { isNumber } from '../../proto/float.ts';
import type { Secret, Target } from '../connect/types.ts';
import { canonicalName } from '../playbook/catalog/catalog.ts';
import { describe } from '../playbook/values/describe.ts';
import { fromHome } from '../source/from-home.ts';
import { splitWords } from './ini-words.ts';

export interface TargetDefaults {
  /** --timeout: for each wait on the way to the host; the variable wins over it. */
  readonly timeoutMs: number;
  /** The play's or task's become; ansible_become wins over it. */
  readonly become: boolean;
  /** -u and --private-key; the variables win over them. */
  readonly user?: string | undefined;
  readonly keyFile?: string | undefined;
  /** --ask-pass, --ask-become-pass; a variable wins over them. */
  readonly password?: Secret | undefined;
  readonly becomePassword?: Secret | undefined;
  /** --accept-host-key. */
  readonly acceptHostKey: boolean;
}

/** Reads one host's connection variables, saying which of them is wrong. */
class Connection {
  readonly #host: string;
  readonly #variable: (name: string) => unknown;

  constructor(host: string, variable: (name: string) => unknown) {
    this.#host = host;
    this.#variable = variable;
  }

  /** The first of the names that has a value, with that name. */
  #first(names: readonly string[]): readonly [string, unknown] | undefined {
    for (const name of names) {
      const value = this.#variable(name);
      if (value !== undefined && value !== null && value !== '') return [name, value];
    }
    return undefined;
  }

  #wrong(name: string, value: unknown, wanted: string): OrchError {
    return new OrchError({
      code: 'invalid-parameter',
      summary: `the variable ${name} must be ${wanted}, not ${describe(value)}`,
      where: { host: this.#host },
    });
  }

  text(...names: string[]): string | undefined {
    const found = this.#first(names);
    if (!found) return undefined;
    const [name, value] = found;
    if (typeof value !== 'string' && !isNumber(value)) throw this.#wrong(name, value, 'a text');
    return String(value);
  }

  port(...names: string[]): number | undefined {
    const found = this.#first(names);
    if (!found) return undefined;
    const [name, value] = found;
    const port = typeof value === 'string' || isNumber(value) ? Number(value) : Number.NaN;
    if (Number.isInteger(port) && port >= 1 && port <= 65535) return port;
    throw this.#wrong(name, value, 'a port number');
  }

  /** A time in seconds, as milliseconds. */
  milliseconds(...names: string[]): number | undefined {
    const found = this.#first(names);
    if (!found) return undefined;
    const [name, value] = found;
    const seconds = typeof value === 'string' || isNumber(value) ? Number(value) : Number.NaN;
    if (seconds > 0 && seconds <= 3600) return Math.round(seconds * 1000);
    throw this.#wrong(name, value, 'a number of seconds, at most 3600');
  }

  boolean(...names: string[]): boolean | undefined {
    const found = this.#first(names);
    if (!found) return undefined;
    const [name, value] = found;
    if (typeof value === 'boolean') return value;
    const word = typeof value === 'string' || isNumber(value) ? String(value).toLowerCase() : '';
    if (['yes', 'true', 'on', '1'].includes(word)) return true;
    if (['no', 'false', 'off', '0'].includes(word)) return false;
    throw this.#wrong(name, value, 'yes or no');
  }

  choice<const T extends string>(name: string, choices: readonly T[]): T | undefined {
    const value = this.text(name);
    const choice = choices.find((each) => each === value);
    if (value !== undefined && choice === undefined) throw this.#wrong(name, value, choices.join(', '));
    return choice;
  }

  connection(): 'ssh' | 'local' {
    const name = 'ansible_connection';
    const value = canonicalName(this.text(name) ?? 'ssh');
    if (value === 'local') return 'local';
    if (['ssh', 'smart', 'paramiko', 'paramiko_ssh'].includes(value)) return 'ssh';
    throw this.#wrong(name, value, 'ssh or local');
  }

  secret(...names: string[]): Secret | undefined {
    const value = this.text(...names);
    return value === undefined ? undefined : async () => value;
  }

  path(...names: string[]): string | undefined {
    const value = this.text(...names);
    return value === undefined ? undefined : fromHome(value);
  }

  words(name: string): string[] {
    const value = this.text(name);
    if (value === undefined) return [];
    try {
      return splitWords(value, false).map(({ text }) => text);
    } catch (error) {
      throw this.#wrong(name, value, `a list of ssh options (${(error as Error).message})`);
    }
  }
}

/**
 * What reaches a host, from its connection variables under Ansible's names. `variable` answers a rendered value or
 * undefined. Throws OrchError for a variable with a value that can't be.
 */
export function targetOf(host: string, variable: (name: string) => unknown, defaults: TargetDefaults): Target {
  // As in Ansible, of several names of one thing the last of its list wins: the old ones.
  const read = new Connection(host, variable);
  const checked = read.boolean('ansible_ssh_host_key_checking', 'ansible_host_key_checking');
  return {
    name: host,
    address: read.text('ansible_ssh_host', 'ansible_host') ?? host,
    port: read.port('ansible_ssh_port', 'ansible_port'),
    user: read.text('ansible_ssh_user', 'ansible_user') ?? defaults.user,
    keyFile: read.path('ansible_ssh_private_key_file', 'ansible_private_key_file') ?? defaults.keyFile,
    password: read.secret('ansible_ssh_password', 'ansible_ssh_pass', 'ansible_password') ?? defaults.password,
    become: read.boolean('ansible_become') ?? defaults.become,
    becomePassword: read.secret('ansible_become_password', 'ansible_become_pass') ?? defaults.becomePassword,
    sshArgs: [
      ...read.words('ansible_ssh_args'),
      ...read.words('ansible_ssh_common_args'),
      ...read.words('ansible_ssh_extra_args'),
    ],
    unknownHostKey: defaults.acceptHostKey || checked === false ? 'accept-new' : 'refuse',
    connection: read.connection(),
    transport: read.choice('orch_transport', ['auto', 'tls', 'tunnel']) ?? 'auto',
    agentAddress: read.text('orch_agent_address'),
    agentPort: read.port('orch_agent_port'),
    nodeBinary: read.path('orch_node'),
    timeoutMs: read.milliseconds('ansible_ssh_timeout') ?? defaults.timeoutMs,
  };
}
