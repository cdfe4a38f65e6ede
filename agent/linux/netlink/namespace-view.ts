import type { IpReply } from '../host.ts';
import { addressRow, linkIndexOf } from './address-row.ts';
import { hasFurtherNames, linkOf, linkRow, type NetlinkLink } from './link-row.ts';
import { type Message, messagesOf, messageType } from './messages.ts';
import { mayBeMain, routeOf } from './route-row.ts';

type Rows = IpReply['rows'];

/** How many dumps the reader sends of a namespace. */
const dumps = 3;

/** A network namespace as the kernel told it at one moment. It answers in ip's place, or not at all. */
export class NamespaceView {
  private readonly messages: readonly Message[];
  private readonly links: ReadonlyMap<string, NetlinkLink>;
  private readonly names: ReadonlyMap<number, string>;
  private readonly rows = new Map<string, Rows | undefined>();

  private constructor(messages: readonly Message[], links: readonly NetlinkLink[]) {
    this.messages = messages;
    this.links = new Map(links.map((link) => [link.name, link]));
    this.names = new Map(links.map(({ index, name }) => [index, name]));
  }

  /** Undefined for anything but whole dumps. */
  static of(bytes: Buffer): NamespaceView | undefined {
    const messages = messagesOf(bytes, dumps);
    if (messages === undefined) return undefined;
    const links: NetlinkLink[] = [];
    for (const { type, body } of messages) {
      if (type !== messageType.link) continue;
      const link = linkOf(body);
      if (link === undefined) return undefined;
      links.push(link);
    }
    return new NamespaceView(messages, links);
  }

  /** Indexes of links by their names. */
  get indexes(): ReadonlyMap<string, number> {
    return new Map([...this.links].map(([name, { index }]) => [name, index]));
  }

  /** True: there is no link of this name. False where some have further names. */
  lacks(name: string): boolean {
    return !this.links.has(name) && ![...this.links.values()].some(hasFurtherNames);
  }

  /** Rows of `ip -j -d address show dev NAME`; undefined: there is none of this name, or ip has to tell it. */
  link(name: string): Rows | undefined {
    return this.kept(`link ${name}`, () => {
      const link = this.links.get(name);
      const row = link && linkRow(link);
      if (link === undefined || row === undefined) return undefined;
      const own = this.bodies(messageType.address).filter((body) => linkIndexOf(body) === link.index);
      const addresses = own.map(addressRow);
      return addresses.includes(undefined) ? undefined : [{ ...row, addr_info: addresses }];
    });
  }

  /** Rows of `ip -j -d route show exact DST table main`; undefined: ip has to tell them. */
  routes(family: 4 | 6, dst: string): Rows | undefined {
    return this.kept(`route ${family} ${dst}`, () => {
      const rows: Rows[number][] = [];
      for (const body of this.bodies(messageType.route)) {
        if (!mayBeMain(body, family)) continue;
        const route = routeOf(body, this.names);
        if (route === undefined) return undefined;
        if (route !== 'elsewhere' && route.family === family && route.dst === dst) rows.push(route.row);
      }
      return rows;
    });
  }

  private bodies(type: number): readonly Buffer[] {
    return this.messages.filter((message) => message.type === type).map(({ body }) => body);
  }

  private kept(key: string, tell: () => Rows | undefined): Rows | undefined {
    if (!this.rows.has(key)) this.rows.set(key, tell());
    return this.rows.get(key);
  }
}
