import { setFlagsFromString } from 'node:v8';

/**
 * From now on the young generation grows at once to its full size, not by doubling: a run takes a few collections then, not a
 * dozen, and none of the old generation, whose limit V8 lowers with each of them. To be called when all is loaded: V8 takes a
 * compiled form, Node's own modules' too, only under the flags that it was made with.
 */
export function growAtOnce(): void {
  setFlagsFromString('--semi-space-growth-factor=16');
}

/** As V8 has it by itself. */
export function growSlowly(): void {
  setFlagsFromString('--semi-space-growth-factor=2');
}
