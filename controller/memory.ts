import { setFlagsFromString } from 'node:v8';

/**
 * From now on the young generation grows at once to its full size, not by doubling: a run takes a few collections then, not a
 * dozen. The old generation is collected when its limit is reached, not ahead of it: most runs end before, and one that was begun
 * takes 20 ms. That limit is twice what the last collection left, not up to four times: a long run with many hosts has 40 MB
 * that it needs, and is done as soon. To be called when all is loaded: V8 takes a compiled form, Node's own modules' too, only
 * under the flags that it was made with.
 */
export function collectLittle(): void {
  setFlagsFromString('--semi-space-growth-factor=16');
  setFlagsFromString('--no-incremental-marking');
  setFlagsFromString('--heap-growing-percent=100');
}

/** As V8 has it by itself. */
export function collectAsUsual(): void {
  setFlagsFromString('--semi-space-growth-factor=2');
  setFlagsFromString('--incremental-marking');
  setFlagsFromString('--heap-growing-percent=0');
}
