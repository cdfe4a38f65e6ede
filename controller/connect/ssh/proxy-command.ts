import { spawn } from 'node:child_process';
import { Duplex } from 'node:stream';
import { OrchError } from '../../../proto/errors.ts';
import type { SshSettings } from './ssh-settings.ts';

/**
 * The stdio of a ProxyCommand, as ssh runs it (ssh_config(5)): the user's own command line, through a shell, with
 * %h, %p, %r, %n and %% filled in. Undefined when there is none. What is filled in is refused unless it is a plain word.
 */
export function proxyCommandStream(settings: SshSettings): Duplex | undefined {
  const { proxyCommand, hostname, port, user } = settings;
  if (proxyCommand === undefined) return undefined;
  const child = spawn('/bin/sh', ['-c', `exec ${fillIn(proxyCommand, { hostname, port, user })}`], {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const stream = Duplex.from({ readable: child.stdout, writable: child.stdin });
  child.on('error', (error) => stream.destroy(error));
  child.stdin.on('error', () => {});
  stream.on('close', () => child.kill());
  return stream;
}

/** Throws OrchError 'host-unreachable' for a value that a shell would read as more than one word. */
export function fillIn(command: string, values: Pick<SshSettings, 'hostname' | 'port' | 'user'>): string {
  const tokens: Readonly<Record<string, string>> = {
    '%': '%',
    h: values.hostname,
    n: values.hostname,
    p: String(values.port),
    r: values.user,
  };
  return command.replace(/%(.)/g, (token, letter: string) => {
    const value = tokens[letter];
    if (value === undefined) throw refused(`ProxyCommand uses ${token}, which orch does not fill in.`);
    if (value !== '%' && !/^[\w.:@][\w.:@-]*$/.test(value))
      throw refused(`${token} of ProxyCommand would be ${value}.`);
    return value;
  });
}

function refused(summary: string): OrchError {
  return new OrchError({
    code: 'host-unreachable',
    summary,
    hint: 'Say the same with ProxyJump: -o ProxyJump=[user@]host[:port].',
  });
}
