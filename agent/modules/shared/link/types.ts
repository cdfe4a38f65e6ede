import type { Row } from '../rows.ts';
import type { Values } from './attribute.ts';

/** What every task about a link may say, attributes aside. */
export interface CommonParams {
  readonly name: string;
  readonly netns?: string | undefined;
  readonly state: 'present' | 'absent' | 'up' | 'down';
  readonly parent?: string | undefined;
  readonly parent_netns?: string | undefined;
  readonly peer?: string | undefined;
  readonly peer_netns?: string | undefined;
  readonly underlay_netns?: string | undefined;
  readonly exact?: boolean | undefined;
}

export interface LinkPlace {
  readonly name: string;
  readonly netns: string | undefined;
}

/** A task's parameters: the common ones, and values of attributes by name. */
export type LinkParams = CommonParams & Values;

/** A link as it is. Other links are named as "netns/name", or by name alone in the host's own namespace. */
export interface LinkState {
  /** Undefined: a physical link, or another that the kernel gives no kind. */
  readonly kind: string | undefined;
  readonly up: boolean;
  /** The parent of a stacked link, the peer of a veth. */
  readonly lower: string | undefined;
  /** The namespace that carries a tunnel's packets; undefined is the host's own. */
  readonly underlay: string | undefined;
  /** It joins or leaves a bond: bonds take slaves that are down, and leave them down (drivers/net/bonding/bond_main.c). */
  readonly bonding?: boolean | undefined;
  /** In check mode a task before would have made it. */
  readonly unseen?: boolean | undefined;
  /** Its common attributes, and those that its kind's table knows. */
  readonly values: Values;
  readonly row: Row;
}
