/** One of the switch's ports. */
export interface Port {
  /** Whether it also gets what is for a station that nobody has heard of yet. */
  readonly flooded: boolean;
  /** Sends a frame out by it. */
  send(frame: Buffer): void;
}

/** An Ethernet switch (IEEE 802.1D, without its spanning tree and its ageing). */
export interface Switch {
  plug(port: Port): void;
  unplug(port: Port): void;
  /** A frame that came in by `port`: its first byte is the first of the destination's MAC. */
  receive(port: Port, frame: Buffer): void;
}

const macLength = 6;
const headerLength = 14;
/** Stations of a lab are few; one that makes up addresses has the switch learn anew. */
const mostStations = 8192;

/** A switch that no port has been plugged into yet. */
export function newSwitch(): Switch {
  const ports = new Set<Port>();
  const stations = new Map<string, Port>();

  function learn(mac: string, port: Port): void {
    if (stations.size >= mostStations && !stations.has(mac)) stations.clear();
    stations.set(mac, port);
  }

  return {
    plug: (port) => void ports.add(port),
    unplug(port) {
      ports.delete(port);
      for (const [mac, at] of stations) if (at === port) stations.delete(mac);
    },
    receive(from, frame) {
      if (frame.length < headerLength) return;
      learn(frame.toString('latin1', macLength, 2 * macLength), from);
      // The first bit on the wire says that it is for a group.
      const forGroup = ((frame[0] ?? 0) & 1) === 1;
      const station = forGroup ? undefined : stations.get(frame.toString('latin1', 0, macLength));
      if (station !== undefined) {
        if (station !== from) station.send(frame);
        return;
      }
      for (const port of ports) if (port !== from && (forGroup || port.flooded)) port.send(frame);
    },
  };
}
