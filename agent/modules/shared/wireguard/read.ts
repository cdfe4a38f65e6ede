import { OrchError } from '../../../../proto/errors.ts';
import type { Host } from '../../../linux/host.ts';
import type { CommonParams } from '../link/types.ts';
import { type Config, emptyConfig, parseDump } from './config.ts';
import { clamped, isKey } from './keys.ts';
import type { WireguardParams } from './params.ts';

export interface State {
  readonly present: Config;
  /** The private key that the task wants; undefined: the one that is there, or in check mode one that is not known yet. */
  readonly wantedKey: string | undefined;
  /** It was made just now, and is to be kept. */
  readonly generated: boolean;
  /** Bringing the link up turns the host's send_redirects off. */
  readonly redirects: boolean;
}

/** What wg_open writes in the link's namespace (drivers/net/wireguard/device.c). */
export const redirectsKey = 'net/ipv4/conf/all/send_redirects';

async function ask(host: Host, argv: readonly string[], netns: string | undefined): Promise<string> {
  const { status, stdout, stderr } = await host.exec({ argv, netns }, { onlyReads: true });
  if (status === 0) return stdout;
  const summary = `${argv.join(' ')} failed: ${stderr.trim().slice(0, 500) || `status ${status}`}`;
  throw new OrchError({ code: 'command-failed', summary });
}

/** `up`: whether the link is up; undefined: it isn't there. */
export async function readWireguard(
  params: CommonParams & WireguardParams,
  host: Host,
  up: boolean | undefined,
): Promise<State> {
  const dump = up === undefined ? undefined : await ask(host, ['wg', 'show', params.name, 'dump'], params.netns);
  const present = dump === undefined ? emptyConfig : parseDump(dump);
  if (params.state === 'absent') return { present, wantedKey: undefined, generated: false, redirects: false };
  const rises = params.state === 'up' && up !== true;
  const redirects = rises && (await host.sysctl(redirectsKey, params.netns)) === '1';
  const given = params.private_key ?? (await keyInFile(params, host));
  if (given !== undefined) return { present, wantedKey: clamped(given), generated: false, redirects };
  const needed = params.generate && (params.private_key_file !== undefined || present.privateKey === undefined);
  if (!needed) return { present, wantedKey: undefined, generated: false, redirects };
  const made = await ask(host, ['wg', 'genkey'], undefined);
  return { present, wantedKey: clamped(made.trim()), generated: true, redirects };
}

async function keyInFile(params: WireguardParams, host: Host): Promise<string | undefined> {
  const { private_key_file: path, generate } = params;
  if (path === undefined) return undefined;
  const content = await host.readFile(path, 4096);
  if (content === undefined) {
    if (generate) return undefined;
    throw new OrchError({
      code: 'missing-object',
      summary: `There is no file ${path}.`,
      hint: 'A copy task before this one brings it, or "generate: true" makes a key there.',
    });
  }
  const key = content.toString('utf8').trim();
  if (isKey(key)) return key;
  throw new OrchError({
    code: 'task-failed',
    summary: `${path} holds no private key of WireGuard.`,
    hint: 'It is the one line that wg genkey prints.',
  });
}
