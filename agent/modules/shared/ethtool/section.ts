import type { EthtoolParams } from './params.ts';

/** A value in ethtool's words: "on", "512", "full". */
export type Values = Readonly<Record<string, string>>;

/** What ethtool says of one setting. */
export interface Setting {
  readonly value: string;
  /** What was asked for, where other settings may be in its way; it counts as soon as they are not. */
  readonly asked?: string;
  /** The driver lets nobody change it. */
  readonly fixed: boolean;
  /** Settings that this one stands for, with what they are. */
  readonly parts?: Values;
  readonly max?: number;
}

export type Settings = Readonly<Record<string, Setting>>;

/** A group of settings that one option shows and another sets. */
export interface Section {
  readonly name: string;
  /** In words, for messages. */
  readonly what: string;
  readonly show: readonly string[];
  readonly set: string;
  readonly wanted: (params: EthtoolParams) => Values;
  readonly parse: (output: string) => Settings;
}

const onOff = (value: boolean) => (value ? 'on' : 'off');

function words(values: Readonly<Record<string, string | number | boolean | undefined>> | undefined): Values {
  const given = Object.entries(values ?? {}).filter(([, value]) => value !== undefined);
  return Object.fromEntries(
    given.map(([name, value]) => [name, typeof value === 'boolean' ? onOff(value) : String(value)]),
  );
}

/** ethtool's short names (off_flag_def in ethtool.c). */
const shortNames: Readonly<Record<string, string>> = {
  rx: 'rx-checksumming',
  tx: 'tx-checksumming',
  sg: 'scatter-gather',
  tso: 'tcp-segmentation-offload',
  ufo: 'udp-fragmentation-offload',
  gso: 'generic-segmentation-offload',
  gro: 'generic-receive-offload',
  lro: 'large-receive-offload',
  rxvlan: 'rx-vlan-offload',
  txvlan: 'tx-vlan-offload',
  ntuple: 'ntuple-filters',
  rxhash: 'receive-hashing',
};

/** "tx-checksumming: on", with what it stands for below and further in; "tso: off [requested on]", "lro: off [fixed]". */
function parseFeatures(output: string): Settings {
  const rows = [...output.matchAll(/^(\s*)([\w.-]+): (on|off)(?: \[(.*)\])?$/gm)].map(
    ([, indent = '', name = '', value = '', mark = '']) => ({
      ...{ name, value, inner: indent !== '', fixed: mark === 'fixed' },
      // What was asked for comes back, not what other features made of it.
      asked: /requested (on|off)/.exec(mark)?.[1] ?? value,
    }),
  );
  const settings = rows.map(({ name, value, fixed, inner }, at) => {
    const end = rows.findIndex((row, place) => place > at && !row.inner);
    const below = inner ? [] : rows.slice(at + 1, end < 0 ? undefined : end);
    const parts = (below.length > 0 ? below : rows.slice(at, at + 1)).filter((row) => !row.fixed);
    const asked = parts.some((row) => row.asked === 'on') ? 'on' : 'off';
    const setting = { value, fixed: fixed || parts.length === 0, asked: parts.length === 0 ? value : asked };
    return [name, { ...setting, parts: Object.fromEntries(parts.map((row) => [row.name, row.asked])) }] as const;
  });
  return Object.fromEntries(settings);
}

function plainSettings(pairs: Iterable<readonly [string, string]>): Settings {
  const known = [...pairs].filter(([, value]) => value !== 'n/a' && !value.startsWith('Unknown'));
  return Object.fromEntries(known.map(([name, value]) => [name, { value, fixed: false }]));
}

/** The two lists of `ethtool -g` and `-l`. */
function parseLimited(output: string): Settings {
  const [maximums = '', current = ''] = output.split('Current hardware settings:');
  const read = (text: string) =>
    [...text.matchAll(/^([A-Z][A-Za-z ]*):\t+(\d+)$/gm)].map(
      ([, name = '', value = '']) => [name.toLowerCase().replaceAll(' ', '-'), value] as const,
    );
  const max = Object.fromEntries(read(maximums));
  return Object.fromEntries(
    read(current).map(([name, value]) => [name, { value, fixed: false, max: Number(max[name] ?? Number.NaN) }]),
  );
}

function parseCoalesce(output: string): Settings {
  const adaptive = /^Adaptive RX: (\S+) +TX: (\S+)/m.exec(output);
  // A blank stands before the value up to ethtool 6.1, a tab later.
  const numbers = [...output.matchAll(/^([a-z-]+):[ \t]+(\S+)/gm)].map(
    // It is shown as rx-frame-low and set as rx-frames-low.
    ([, name = '', value = '']) => [name.replace(/-frame-(low|high)$/, '-frames-$1'), value] as const,
  );
  return plainSettings([['adaptive-rx', adaptive?.[1] ?? 'n/a'], ['adaptive-tx', adaptive?.[2] ?? 'n/a'], ...numbers]);
}

function parseLink(output: string): Settings {
  const named = (label: string) => new RegExp(`^\\t${label}: (.*)$`, 'm').exec(output)?.[1];
  return plainSettings([
    ['speed', named('Speed')?.replace('Mb/s', '') ?? 'n/a'],
    [
      'duplex',
      named('Duplex')
        ?.toLowerCase()
        .replace(/^unknown/, 'Unknown') ?? 'n/a',
    ],
    ['autoneg', named('Auto-negotiation') ?? 'n/a'],
    ['wol', named('Wake-on') ?? 'n/a'],
  ]);
}

const pauseNames: Readonly<Record<string, string>> = { Autonegotiate: 'autoneg', RX: 'rx', TX: 'tx' };

export const sections: readonly Section[] = [
  {
    name: 'features',
    what: 'features',
    show: ['-k'],
    set: '-K',
    wanted: ({ features }) => {
      const long = Object.entries(features ?? {}).map(([name, value]) => [shortNames[name] ?? name, value]);
      return words(Object.fromEntries(long));
    },
    parse: parseFeatures,
  },
  {
    name: 'channels',
    what: 'channels',
    show: ['-l'],
    set: '-L',
    wanted: ({ channels }) => words(channels),
    parse: parseLimited,
  },
  { name: 'rings', what: 'rings', show: ['-g'], set: '-G', wanted: ({ rings }) => words(rings), parse: parseLimited },
  {
    name: 'coalesce',
    what: 'interrupt moderation',
    show: ['-c'],
    set: '-C',
    wanted: ({ coalesce }) => words(coalesce),
    parse: parseCoalesce,
  },
  {
    name: 'pause',
    what: 'flow control',
    show: ['-a'],
    set: '-A',
    wanted: ({ pause }) => words(pause),
    parse: (output) =>
      plainSettings(
        [...output.matchAll(/^(Autonegotiate|RX|TX):\t+(on|off)$/gm)].map(
          ([, label = '', value = '']) => [pauseNames[label] ?? label, value] as const,
        ),
      ),
  },
  {
    name: 'link',
    what: 'link settings',
    show: [],
    set: '-s',
    wanted: ({ speed, duplex, autoneg, wol }) => words({ speed, duplex, autoneg, wol }),
    parse: parseLink,
  },
  {
    name: 'private_flags',
    what: 'private flags',
    show: ['--show-priv-flags'],
    set: '--set-priv-flags',
    wanted: ({ private_flags: flags }) => words(flags),
    parse: (output) =>
      plainSettings(
        [...output.matchAll(/^(\S+)\s*: (on|off)$/gm)].map(([, name = '', value = '']) => [name, value] as const),
      ),
  },
];
