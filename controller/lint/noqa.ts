import type { FilePlace } from '../../proto/errors.ts';
import { placeOf } from '../source/origins.ts';
import type { Project } from './project.ts';

/** What a file's comments excuse: no names mean all rules. */
interface Excuse {
  readonly line: number;
  readonly names: readonly string[];
}

const comment = /(?:^|\s)#\s*noqa\b:?([^#]*)/i;

/** `# noqa: RULE ...` anywhere in a task excuses all of it; beside something else, its line. */
export class Noqa {
  readonly #excuses: ReadonlyMap<string, readonly Excuse[]>;
  /** Lines where plays and tasks start, by file, in order. */
  readonly #starts = new Map<string, number[]>();

  constructor({ files, plays, tasks }: Project) {
    this.#excuses = new Map(files.map(({ source }) => [source.file, excusesIn(source.text)]));
    for (const { mapping } of [...plays.map((play) => ({ mapping: play })), ...tasks]) {
      const { file, line } = placeOf(mapping);
      const starts = this.#starts.get(file) ?? [];
      starts.push(line);
      this.#starts.set(file, starts);
    }
    for (const starts of this.#starts.values()) starts.sort((a, b) => a - b);
  }

  /** `names`: what the rule is called. */
  excuses({ file, line }: FilePlace, ...names: readonly string[]): boolean {
    const starts = this.#starts.get(file) ?? [];
    const from = starts.findLast((start) => start <= line);
    const to = from === undefined ? line + 1 : (starts.find((start) => start > line) ?? Infinity);
    return (this.#excuses.get(file) ?? []).some(
      (excuse) =>
        excuse.line >= (from ?? line) &&
        excuse.line < to &&
        (excuse.names.length === 0 || excuse.names.some((name) => names.includes(name))),
    );
  }
}

function excusesIn(text: string): readonly Excuse[] {
  return text.split('\n').flatMap((written, index) => {
    const names = comment.exec(written)?.[1];
    if (names === undefined) return [];
    return [{ line: index + 1, names: names.split(/[\s,]+/).filter((name) => name !== '') }];
  });
}
