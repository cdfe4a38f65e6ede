import { expect, test } from 'vitest';
import { selectionOf } from '../../controller/commands/run.ts';

test.each([
  { says: 'tags are listed of all tasks', tags: [], skipTags: [], only: ['all', 'never'] },
  { says: 'of those that are chosen', tags: ['a'], skipTags: [], only: ['a'] },
  { says: 'of those that would run where some are skipped', tags: [], skipTags: ['a'], only: [] },
])('$says', ({ tags, skipTags, only }) => {
  const selected = selectionOf({ list: ['tags'], tags, skipTags, limit: undefined, startAtTask: 'x' });
  expect(selected).toEqual({ tags: { only, skip: skipTags }, limit: undefined, startAtTask: undefined });
});
