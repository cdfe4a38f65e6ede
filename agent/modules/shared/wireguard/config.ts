/** What `wg` sets of a link. */
export interface Config {
  /** Undefined: the link has no key and takes no packets. */
  readonly privateKey: string | undefined;
  /** 0: any, once it is up. */
  readonly listenPort: number;
  /** 0: none. */
  readonly fwmark: number;
  readonly peers: readonly Peer[];
}

export interface Peer {
  readonly publicKey: string;
  readonly presharedKey: string | undefined;
  readonly endpoint: string | undefined;
  /** Networks in the kernel's spelling, sorted. */
  readonly allowedIps: readonly string[];
  /** Seconds; 0: off. */
  readonly keepalive: number;
}

export const emptyConfig: Config = { privateKey: undefined, listenPort: 0, fwmark: 0, peers: [] };

function given(word: string): string | undefined {
  return word === '(none)' || word === 'off' || word === '' ? undefined : word;
}

/** Reads `wg show LINK dump`: the link's own line, then one a peer, with tabs between (wg(8)). */
export function parseDump(dump: string): Config {
  const [own = [], ...peers] = dump
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split('\t'));
  const [privateKey = '', , listenPort = '0', fwmark = 'off'] = own;
  return {
    privateKey: given(privateKey),
    listenPort: Number(listenPort),
    fwmark: Number(given(fwmark) ?? 0),
    peers: peers.map(parsePeer).sort((a, b) => (a.publicKey < b.publicKey ? -1 : 1)),
  };
}

function parsePeer(words: readonly string[]): Peer {
  const [publicKey = '', psk = '', endpoint = '', ips = '', , , , keepalive = 'off'] = words;
  return {
    publicKey,
    presharedKey: given(psk),
    endpoint: given(endpoint),
    allowedIps: (given(ips)?.split(',') ?? []).sort(),
    keepalive: Number(given(keepalive) ?? 0),
  };
}

/** A peer that has none has this one (wg(8)). */
const noPresharedKey = Buffer.alloc(32).toString('base64');

/** The text that `wg syncconf` takes. It resets what [Interface] leaves out, and keeps that of a peer it knows. */
export function configText({ privateKey, listenPort, fwmark, peers }: Config): string {
  const own = [
    '[Interface]',
    ...(privateKey === undefined ? [] : [`PrivateKey = ${privateKey}`]),
    ...(listenPort === 0 ? [] : [`ListenPort = ${listenPort}`]),
    ...(fwmark === 0 ? [] : [`FwMark = ${fwmark}`]),
  ];
  const others = peers.flatMap((peer) => [
    '[Peer]',
    `PublicKey = ${peer.publicKey}`,
    `PresharedKey = ${peer.presharedKey ?? noPresharedKey}`,
    ...(peer.endpoint === undefined ? [] : [`Endpoint = ${peer.endpoint}`]),
    ...(peer.allowedIps.length === 0 ? [] : [`AllowedIPs = ${peer.allowedIps.join(', ')}`]),
    `PersistentKeepalive = ${peer.keepalive === 0 ? 'off' : peer.keepalive}`,
  ]);
  return `${[...own, ...others].join('\n')}\n`;
}
