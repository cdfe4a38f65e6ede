import { certificatesIn } from '../trust/pem.ts';

/** The agent that runs on a host, as RUN/agent.json tells. */
export interface AgentInfo {
  readonly pid: number;
  readonly port: number;
  readonly bundle: string;
}

/** What the bootstrap script saw. Everything here was said by the host: bounded and checked, but not trusted further. */
export interface HostFacts {
  readonly os: string;
  /** As `uname -m`. */
  readonly arch: string;
  readonly libc: 'glibc' | 'musl' | 'other';
  /** 36 for glibc 2.36; undefined: not known. */
  readonly glibcMinor: number | undefined;
  readonly node: { readonly major: number; readonly path: string } | undefined;
  /** Content hashes of the Node runtimes that orch brought earlier. */
  readonly runtimes: readonly string[];
  /** The bundle that was asked for is there; `installed`: any is. */
  readonly bundlePresent: boolean;
  readonly installed: boolean;
  readonly clockMs: number;
  /** In the file system of the state folder; undefined: not known. */
  readonly freeBytes: number | undefined;
  /** The agent's certificate, then its issuer. */
  readonly certificates: readonly string[];
  /** The CAs whose clients the agent accepts. */
  readonly trusted: readonly string[];
  readonly systemd: boolean;
  readonly service: boolean;
  readonly agent: AgentInfo | undefined;
  /** The SSH connection as the host sees it: client's address and port, then its own. */
  readonly way: string | undefined;
}

/** ECMA-262 has no date after it. */
const lastSecond = 8.64e12;

/** Reads the lines between the script's banner and `end`. Pure; what is malformed counts as not said. */
export function parseFacts(lines: readonly string[]): HostFacts {
  const all = (key: string) =>
    lines.filter((line) => line.startsWith(`${key} `)).map((line) => line.slice(key.length + 1));
  const first = (key: string) => all(key)[0] ?? '';
  const libc = first('libc');
  const glibc = /^glibc 2\.(\d{1,3})\b/.exec(first('glibc'))?.[1];
  const free = Number.parseInt(first('free'), 10);
  const pems = (key: string) => certificatesIn(Buffer.from(first(key), 'base64').toString('latin1'));
  const agent = first('agent');
  return {
    os: first('os'),
    arch: first('arch'),
    libc: libc === 'glibc' || libc === 'musl' ? libc : 'other',
    glibcMinor: glibc === undefined ? undefined : Number(glibc),
    node: parseNode(first('node')),
    runtimes: all('runtime').filter((name) => /^[0-9a-f]{64}$/.test(name)),
    bundlePresent: first('bundle') === 'present',
    installed: first('agents') === 'present',
    clockMs: Math.min(Math.max(Number.parseInt(first('clock'), 10) || 0, 0), lastSecond) * 1000,
    freeBytes: Number.isNaN(free) ? undefined : free * 1024,
    certificates: pems('certificate'),
    trusted: pems('trust'),
    systemd: first('systemd') === 'present',
    service: first('service') === 'present',
    agent: agent === '' ? undefined : parseAgent(agent),
    way: /^[\da-fA-F.:%\w]{2,64} \d{1,5} [\da-fA-F.:%\w]{2,64} \d{1,5}$/.exec(first('way'))?.[0],
  };
}

/** `v20.20.2 /usr/bin/node`. A path with blanks could not be told from several words later: not taken. */
function parseNode(text: string): HostFacts['node'] {
  const parts = /^v(\d{1,3})\.\d+\.\d+\S* (\/\S+)$/.exec(text);
  return parts?.[1] !== undefined && parts[2] !== undefined ? { major: Number(parts[1]), path: parts[2] } : undefined;
}

/** RUN/agent.json; undefined when it is not what an agent writes. */
export function parseAgent(text: string): AgentInfo | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const { pid, port, bundle } = (value ?? {}) as Record<string, unknown>;
  const isPort = typeof port === 'number' && Number.isInteger(port) && port > 0 && port < 65_536;
  if (typeof pid !== 'number' || !isPort || typeof bundle !== 'string' || !/^[0-9a-f]{64}$/.test(bundle)) {
    return undefined;
  }
  return { pid, port, bundle };
}
