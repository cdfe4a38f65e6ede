import { cleanLine } from '../clean.ts';
import { cut, width } from '../width.ts';
import type { Lane } from './way-picture.ts';

/** Longest name that is shown, in letters; the whole one is its box's title. */
const mostLetters = 32;
const gap = 12;
const padding = 10;
const label = 26;
const deviceHeight = 26;

interface Name {
  readonly shown: string;
  readonly whole: string;
}

export interface Box {
  readonly kind: 'host' | 'netns' | 'device';
  readonly name: Name;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Where a device's line runs down. */
export interface Column {
  readonly x: number;
}

export interface Layout {
  readonly columns: readonly Column[];
  /** Where lines of devices begin. */
  readonly headBottom: number;
  readonly right: number;
  /** Boxes of hosts, namespaces and devices, outer ones first; hosts and namespaces end at `bottom`. */
  boxes(bottom: number): readonly Box[];
}

function nameOf(text: string): Name {
  const whole = cleanLine(text);
  return { whole, shown: cut(whole, mostLetters) };
}

/** Neighbours that are alike, in order. */
function runs<T>(all: readonly T[], key: (one: T) => string): readonly (readonly T[])[] {
  const found: T[][] = [];
  for (const one of all) {
    const last = found.at(-1);
    if (last?.[0] !== undefined && key(last[0]) === key(one)) last.push(one);
    else found.push([one]);
  }
  return found;
}

/** Boxes in boxes, each as wide as its name and what is in it need. */
export function layOut(
  lanes: readonly Lane[],
  { x: left, y: top, letter }: { readonly x: number; readonly y: number; readonly letter: number },
): Layout {
  const wide = (name: Name) => width(name.shown) * letter + 2 * padding;
  const columns: Column[] = [];
  const made: ((bottom: number) => Box)[] = [];
  const [netnsTop, deviceTop] = [top + label, top + 2 * label];
  const headBottom = deviceTop + deviceHeight;
  let x = left;
  for (const ofHost of runs(lanes, ({ host }) => host)) {
    const hostName = nameOf(ofHost[0]?.host ?? '');
    const places = runs(ofHost, ({ netns }) => netns).map((ofNetns) => {
      const netns = ofNetns[0]?.netns ?? '';
      // The host's own namespace is the host's box itself.
      const name = nameOf(netns);
      const devices = ofNetns.map(({ device }) => nameOf(device === '' ? '-' : device));
      const inner = devices.reduce((sum, device) => sum + wide(device) + gap, -gap) + (netns === '' ? 0 : 2 * padding);
      return { netns, name, devices, width: Math.max(inner, netns === '' ? 0 : wide(name)) };
    });
    const inner = places.reduce((sum, place) => sum + place.width + gap, -gap) + 2 * padding;
    const hostWidth = Math.max(inner, wide(hostName));
    const host = { kind: 'host' as const, name: hostName, x, y: top, width: hostWidth };
    made.push((bottom) => ({ ...host, height: bottom - top }));
    let placeX = x + padding;
    for (const place of places) {
      if (place.netns !== '') {
        const box = { kind: 'netns' as const, name: place.name, x: placeX, y: netnsTop, width: place.width };
        made.push((bottom) => ({ ...box, height: bottom - netnsTop - padding / 2 }));
      }
      let deviceX = placeX + (place.netns === '' ? 0 : padding);
      for (const name of place.devices) {
        const device = { kind: 'device' as const, name, x: deviceX, y: deviceTop, width: wide(name) };
        made.push(() => ({ ...device, height: deviceHeight }));
        columns.push({ x: deviceX + device.width / 2 });
        deviceX += device.width + gap;
      }
      placeX += place.width + gap;
    }
    x += hostWidth + gap;
  }
  return {
    columns,
    headBottom,
    right: lanes.length === 0 ? left : x - gap,
    boxes: (bottom) => made.map((make) => make(bottom)),
  };
}
