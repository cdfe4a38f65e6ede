import * as z from 'zod';
import { u32 } from '../fields.ts';
import { number, rows, text, texts } from '../rows.ts';
import { type Attribute, info } from './attribute.ts';

const protocols = ['802.1q', '802.1ad'] as const;

/** `KEY 802.1q|802.1ad`, which ip shows as 802.1Q. */
export function vlanProtocol(description: string, key: string): Attribute<(typeof protocols)[number]> {
  return {
    field: z.enum(protocols).describe(description),
    shows: (row) => protocols.find((name) => name === text(info(row), key)?.toLowerCase()),
    words: (value) => [key, value],
    change: 'in place',
    unset: '802.1q',
  };
}

/** A flag of a VLAN link: ip shows the list of those that are set. */
export function vlanFlag(key: string, unset: boolean, description: string): Attribute<boolean> {
  return {
    field: z.boolean().describe(description),
    shows: (row) => texts(info(row), 'flags').includes(key.toUpperCase()),
    words: (value) => [key, value ? 'on' : 'off'],
    change: 'in place',
    unset,
  };
}

interface Mapping {
  readonly from: number;
  readonly to: number;
}

const tagged = z.int().min(0).max(7);
const sides = {
  ingress: {
    field: z.array(z.strictObject({ from: tagged, to: u32.min(1) })).max(8),
    text: "Priorities of packets by their tag's; all of them.",
  },
  egress: {
    field: z.array(z.strictObject({ from: u32, to: tagged.min(1) })).max(256),
    text: "Priorities of tags by their packet's; all of them.",
  },
} as const;

function sorted(map: readonly Mapping[]): string {
  return [...map]
    .sort((left, right) => left.from - right.from)
    .map(({ from, to }) => `${from}:${to}`)
    .join();
}

/** What leads from one map to another: a mapping to 0 is none (net/8021q/vlan_dev.c). */
function mapWords(wanted: readonly Mapping[], present: readonly Mapping[]): string[] {
  const gone = present.filter(({ from }) => !wanted.some((mapping) => mapping.from === from));
  const fresh = wanted.filter(({ from, to }) => !present.some((old) => old.from === from && old.to === to));
  return [...gone.map(({ from }) => `${from}:0`), ...fresh.map(({ from, to }) => `${from}:${to}`)];
}

export function qosMap(side: 'ingress' | 'egress'): Attribute<readonly Mapping[]> {
  const key = `${side}-qos-map`;
  const set = (link: string, words: readonly string[]) => ['link', 'set', 'dev', link, 'type', 'vlan', key, ...words];
  return {
    field: sides[side].field.describe(sides[side].text),
    shows: (row) =>
      rows(info(row), `${side}_qos`).flatMap((mapping) => {
        const [from, to] = [number(mapping, 'from'), number(mapping, 'to')];
        return from === undefined || to === undefined ? [] : [{ from, to }];
      }),
    words: (value) => (value.length === 0 ? [] : [key, ...mapWords(value, [])]),
    edits: (link, wanted, present = []) => [
      {
        part: `${side}_qos_map`,
        there: set(link, mapWords(wanted, present)),
        back: set(link, mapWords(present, wanted)),
      },
    ],
    change: 'in place',
    unset: [],
    same: (wanted, present) => sorted(wanted) === sorted(present),
  };
}
