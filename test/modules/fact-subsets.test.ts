import { expect, test } from 'vitest';
import { Gathering, parts } from '../../agent/modules/shared/facts/subsets.ts';

const facts = ['user_id', 'kernel', 'distribution', 'pkg_mgr', 'loadavg', 'virtualization_role'];

/** Parts but the first, and facts of the first, that are gathered for some subsets. */
function gathered(wanted: readonly string[]): string {
  const gathering = new Gathering(wanted);
  const own = facts.filter((name) => gathering.asks('min') && gathering.keeps('min', `ansible_${name}`));
  return [...own, ...parts.slice(1).filter((part) => gathering.asks(part))].join(' ');
}

const minimum = 'user_id kernel distribution pkg_mgr';

test.each([
  ['all', `${minimum} loadavg virtualization_role hardware network netns`],
  ['min', minimum],
  ['!all', minimum],
  ['!hardware', minimum],
  ['!all,!min', ''],
  ['network', `${minimum} network`],
  ['!all,!min,network', 'kernel distribution network'],
  ['!all,!min,pkg_mgr', 'distribution pkg_mgr'],
  ['!hardware,network', `${minimum} network`],
  ['network,!network', `${minimum} network`],
  ['all,!hardware', `${minimum} loadavg virtualization_role network netns`],
  ['virtual', `${minimum} virtualization_role`],
  ['!all,!min,mounts', 'kernel hardware'],
])('%s', (wanted, names) => {
  expect(gathered(wanted.split(','))).toBe(names);
});
