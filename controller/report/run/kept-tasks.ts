import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { safeJson } from '../clean.ts';
import type { TaskRecord } from '../types.ts';
import { boundedJson } from './bounded-json.ts';

/** So many are packed at once, or so many characters; the usual run has fewer. */
const atOnce = { records: 1000, characters: 32 * 1024 * 1024 };
/** Of zlib: the records of a task differ in little but the host. */
const level = 1;

/**
 * The records of a run's tasks, in order, each as JSON in one line. A long run on many hosts has hundreds of thousands, which as
 * objects would take more memory than all else: so they are kept packed.
 */
export class KeptTasks implements Iterable<string> {
  readonly #packed: Buffer[] = [];
  #recent: string[] = [];
  #characters = 0;

  add(record: TaskRecord): void {
    const json = boundedJson(record, safeJson);
    this.#recent.push(json);
    this.#characters += json.length;
    if (this.#recent.length < atOnce.records && this.#characters < atOnce.characters) return;
    this.#packed.push(deflateRawSync(this.#recent.join('\n'), { level }));
    this.#recent = [];
    this.#characters = 0;
  }

  *[Symbol.iterator](): Iterator<string> {
    for (const chunk of this.#packed) yield* inflateRawSync(chunk).toString().split('\n');
    yield* this.#recent;
  }
}
