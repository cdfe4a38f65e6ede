import * as z from 'zod';

/** Seconds that an address stays valid, or preferred for new connections. */
export const lifetime = z.union([z.int().min(0).max(4_294_967_294), z.literal('forever')]);
export type Lifetime = z.infer<typeof lifetime>;

/** The kernel's number for "forever": INFINITY_LIFE_TIME of include/net/addrconf.h. */
const infinite = 0xffffffff;

export function lifetimeOf(seconds: number | undefined): Lifetime {
  return seconds === undefined || seconds >= infinite ? 'forever' : seconds;
}

/** A time that runs out is as asked while what is left of it is no more than that. */
export function fitsLifetime(left: Lifetime, asked: Lifetime | undefined): boolean {
  if (asked === undefined || left === asked) return true;
  return left !== 'forever' && asked !== 'forever' && left <= asked;
}

export function lifetimeWords(key: 'valid_lft' | 'preferred_lft', time: Lifetime | undefined): string[] {
  return time === undefined || time === 'forever' ? [] : [key, String(time)];
}
