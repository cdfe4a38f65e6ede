import type { FilePlace } from '../../../../proto/errors.ts';
import type { KnownTask } from '../../known-tasks.ts';

/** An address that a task puts on a link. */
export interface KnownAddress {
  /** The host, or `host/netns`. */
  readonly place: string;
  readonly dev: string;
  readonly ip: string;
  /** In bits; undefined: a single address. */
  readonly prefix: number | undefined;
  readonly at: FilePlace;
}

/** The addresses that are put on links, those of anycast aside. */
export function addressesOf(known: readonly KnownTask[]): readonly KnownAddress[] {
  return known.flatMap(({ host, module, params, at }): readonly KnownAddress[] => {
    if (module !== 'address' || params.state === 'absent' || params.peer !== undefined) return [];
    const text = params.address ?? params.cidr;
    if (typeof text !== 'string') return [];
    const [ip = '', bits] = text.split('/');
    const prefix = bits === undefined ? params.prefix : Number(bits);
    const place = typeof params.netns === 'string' && params.netns !== '' ? `${host}/${params.netns}` : host;
    return [{ place, dev: String(params.dev), ip, prefix: typeof prefix === 'number' ? prefix : undefined, at }];
  });
}
