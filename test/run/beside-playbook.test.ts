import { join } from 'node:path';
import { expect, it } from 'vitest';
import { loadInput } from '../../controller/run/input/input.ts';
import type { OrchError } from '../../proto/errors.ts';

it('knows the variables beside a playbook for the workstation, where no inventory names that', () => {
  const errors: OrchError[] = [];
  loadInput(join(import.meta.dirname, 'beside-playbook/playbook.yml'), [], [], errors);
  expect(errors).toEqual([]);
});
