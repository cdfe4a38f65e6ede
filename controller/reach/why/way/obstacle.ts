import type { FdbEntry, Link } from '../seen/evidence-link.ts';
import type { Node } from '../seen/node.ts';
import type { Mismatch } from './tunnel.ts';

/** What a frame does not pass, and at which device. */
export type Obstacle = Node &
  (
    | { readonly what: 'port-state' }
    /** Both ports are isolated. */
    | { readonly what: 'isolated'; readonly from: Link }
    /** The port gets no frames to all, or to addresses that the bridge does not know. */
    | { readonly what: 'flood'; readonly flag: 'bcast_flood' | 'mcast_flood' | 'flood' }
    /** The bridge has the MAC elsewhere. */
    | { readonly what: 'fdb'; readonly entry: FdbEntry }
    /** The port is no member of the frame's VLAN. `from`: the port that put the frame into it, when it came untagged. */
    | { readonly what: 'vlan'; readonly vlan: number; readonly from: Link | undefined }
    /** An untagged frame comes to a port without PVID. */
    | { readonly what: 'no-pvid' }
    /** A frame comes with a tag (0: none) that the device does not take. */
    | { readonly what: 'tag'; readonly tag: number }
    | { readonly what: 'tunnel'; readonly mismatch: Mismatch; readonly mate: Node }
  );

export type ObstacleKind = Obstacle['what'];
