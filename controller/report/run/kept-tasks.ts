import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { safeJson } from '../clean.ts';
import type { TaskRecord } from '../types.ts';

/** So many are packed at once; the usual run has fewer. */
const atOnce = 1000;
/** Of zlib: the records of a task differ in little but the host. */
const level = 1;

/**
 * The records of a run's tasks, in order, each as JSON in one line. A long run on many hosts has hundreds of thousands, which as
 * objects would take more memory than all else: so they are kept packed.
 */
export class KeptTasks implements Iterable<string> {
  readonly #packed: Buffer[] = [];
  #recent: TaskRecord[] = [];

  add(record: TaskRecord): void {
    this.#recent.push(record);
    if (this.#recent.length < atOnce) return;
    this.#packed.push(deflateRawSync(this.#recent.map((kept) => safeJson(kept)).join('\n'), { level }));
    this.#recent = [];
  }

  *[Symbol.iterator](): Iterator<string> {
    for (const chunk of this.#packed) yield* inflateRawSync(chunk).toString().split('\n');
    for (const record of this.#recent) yield safeJson(record);
  }
}
