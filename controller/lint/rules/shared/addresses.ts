import * as z from 'zod';
import type { FilePlace } from '../../../../proto/errors.ts';
import type { KnownTask } from '../../known-tasks.ts';

/** An address that a task puts on a link. */
export interface KnownAddress {
  /** Of the task; addresses of others are not there at the same time. */
  readonly playbook: string;
  readonly host: string;
  /** The host, or `host/netns`. */
  readonly place: string;
  readonly dev: string;
  readonly ip: string;
  /** In bits; undefined: a single address. */
  readonly prefix: number | undefined;
  readonly at: FilePlace;
}

/** What the modules `address` and `addresses` call them. */
const given = z.looseObject({
  address: z.string().optional(),
  cidr: z.string().optional(),
  prefix: z.number().optional(),
  peer: z.string().optional(),
  dev: z.string().optional(),
});
const task = given.extend({
  netns: z.string().default(''),
  state: z.string().default('present'),
  addresses: z.array(given).default([]),
});

/** The addresses that are put on links, those of two ends aside. */
export function addressesOf(known: readonly KnownTask[]): readonly KnownAddress[] {
  return known.flatMap(({ playbook, host, module, params, at }): readonly KnownAddress[] => {
    if (module !== 'address' && module !== 'addresses') return [];
    const { data } = task.safeParse(params);
    if (data === undefined || data.state === 'absent') return [];
    const place = data.netns === '' ? host : `${host}/${data.netns}`;
    return (module === 'address' ? [data] : data.addresses).flatMap(({ dev = data.dev, peer, ...one }) => {
      const text = one.address ?? one.cidr;
      if (text === undefined || peer !== undefined) return [];
      const [ip = '', bits] = text.split('/');
      return [
        { playbook, host, place, dev: dev ?? '', ip, prefix: bits === undefined ? one.prefix : Number(bits), at },
      ];
    });
  });
}
