import { Fault } from './fault.ts';

/** Bounds of what one template may make; far above any playbook's need, far below what would harm the controller. */
export const limits = {
  /** Characters of a text. */
  text: 16 * 1024 * 1024,
  /** Elements of a list, and of what is walked in a nested value. */
  items: 1_000_000,
  /** Evaluated nodes and touched elements of one rendering. */
  steps: 5_000_000,
} as const;

export function checkText(length: number, most: number = limits.text): void {
  if (length > most) throw new Fault(`the text would be longer than ${most} characters`);
}

export function checkItems(count: number): void {
  if (count > limits.items) throw new Fault(`the list would have more than ${limits.items} elements`);
}

/** Counts down while a nested value is walked; a small value that holds itself many times over can be endless. */
export class Tally {
  #left: number;

  constructor(most: number = limits.text) {
    this.#left = most;
  }

  /** One more value, and what text it holds. */
  spend(characters = 0): void {
    this.#left -= 16 + characters;
    if (this.#left < 0) throw new Fault('the value is too large');
  }
}
