import type { Action } from '../../module.ts';
import type { LinkParams } from './params.ts';
import type { LinkState } from './state.ts';

/** What `ip link add` must know. */
export interface LinkMaking {
  readonly name: string;
  readonly netns: string | undefined;
  readonly type: string;
  readonly mode?: string | undefined;
  readonly flag?: string | undefined;
  readonly mtu?: number | undefined;
  readonly address?: string | undefined;
  readonly parent?: { readonly name: string; readonly netns: string | undefined } | undefined;
  readonly peer?: { readonly name: string; readonly netns: string | undefined } | undefined;
}

function option(key: string, value: string | number | undefined): string[] {
  return value === undefined ? [] : [key, String(value)];
}

function kindArgs(link: LinkMaking): string[] {
  return ['type', link.type, ...option('mode', link.mode), ...(link.flag === undefined ? [] : [link.flag])];
}

/**
 * Makes the link in its namespace in one request, so that its name never shows in another one. The request runs where
 * the parent is, because a name is looked up there; from the host's own namespace `link-netns` points at the parent.
 */
export function makeLink(link: LinkMaking): Action {
  const attributes = ['name', link.name, ...option('mtu', link.mtu), ...option('address', link.address)];
  const { parent, peer, netns } = link;
  if (parent !== undefined) {
    const here = parent.netns === netns;
    const elsewhere = here ? [] : netns === undefined ? option('link-netns', parent.netns) : ['netns', netns];
    const args = ['link', 'add', 'link', parent.name, ...attributes, ...elsewhere, ...kindArgs(link)];
    return { op: 'ip', netns: netns === undefined ? undefined : parent.netns, args };
  }
  if (peer !== undefined) {
    const here = peer.netns === netns;
    const args = [
      ...['link', 'add', ...attributes, ...(here ? [] : option('netns', netns)), ...kindArgs(link)],
      ...['peer', 'name', peer.name, ...(here ? [] : option('netns', peer.netns))],
    ];
    return { op: 'ip', netns: here ? netns : undefined, args };
  }
  return { op: 'ip', netns, args: ['link', 'add', ...attributes, ...kindArgs(link)] };
}

export function makingOf(params: LinkParams, type: string): LinkMaking {
  const { name, netns, mode, flag, mtu, address } = params;
  const parent = params.parent === undefined ? undefined : { name: params.parent, netns: params.parent_netns };
  const peer = params.peer === undefined ? undefined : { name: params.peer, netns: params.peer_netns };
  return { name, netns, type, mode, flag, mtu, address, parent, peer };
}

export function setLink(netns: string | undefined, name: string, ...args: string[]): Action {
  return { op: 'ip', netns, args: ['link', 'set', 'dev', name, ...args] };
}

export function setKind(link: LinkMaking): Action {
  return setLink(link.netns, link.name, ...kindArgs(link));
}

export function deleteLink(netns: string | undefined, name: string): Action {
  return { op: 'ip', netns, args: ['link', 'delete', 'dev', name] };
}

const remade = new Set(['ipvlan', 'macvlan', 'veth', 'bridge', 'dummy']);

function splitPlace(place: string): { name: string; netns: string | undefined } {
  const slash = place.lastIndexOf('/');
  return slash < 0 ? { name: place, netns: undefined } : { name: place.slice(slash + 1), netns: place.slice(0, slash) };
}

/** Brings a removed link back as far as its kind, parent, mode, mtu, MAC, master and state; none when that is not known. */
export function remakeLink(params: LinkParams, state: LinkState): readonly Action[] {
  const { name, netns } = params;
  const { type, lower } = state;
  if (type === undefined || !remade.has(type) || lower?.includes(' ')) return [];
  const stacked = type === 'ipvlan' || type === 'macvlan';
  if ((stacked || type === 'veth') && lower === undefined) return [];
  const other = lower === undefined ? undefined : splitPlace(lower);
  const making: LinkMaking = {
    name,
    netns,
    type,
    mode: state.mode,
    flag: state.flag,
    mtu: state.mtu,
    address: type === 'ipvlan' ? undefined : state.address,
    parent: stacked ? other : undefined,
    peer: type === 'veth' ? other : undefined,
  };
  return [
    makeLink(making),
    ...(state.master === '' ? [] : [setLink(netns, name, 'master', state.master)]),
    ...(state.alias === '' ? [] : [setLink(netns, name, 'alias', state.alias)]),
    ...(state.up ? [setLink(netns, name, 'up')] : []),
  ];
}
