import { expect, test } from 'vitest';
import { commonAttributes } from '../../agent/modules/shared/link/common.ts';
import { knownKinds } from '../../agent/modules/shared/link/kind.ts';
import { linkTrials } from '../e2e/link-trials.ts';

const trials = linkTrials();

test('every attribute of every kind of link is tried on kernels', () => {
  const untried = knownKinds().flatMap(({ name, attributes, relation, extra }) => {
    const own = trials.filter(({ kind }) => kind.name === name);
    const tried = new Set(own.flatMap(({ steps, untried }) => [...steps.flatMap(Object.keys), ...untried]));
    const relations = relation === undefined ? [] : [relation.role];
    const all = [...Object.keys(attributes), ...Object.keys(extra?.fields ?? {}), ...relations];
    return all.filter((attribute) => !tried.has(attribute)).map((attribute) => `${name}: ${attribute}`);
  });
  expect(untried).toEqual([]);
});

test('every attribute that all links have is tried on kernels', () => {
  const tried = new Set(trials.flatMap(({ steps }) => steps.flatMap(Object.keys)));
  expect(Object.keys(commonAttributes).filter((attribute) => !tried.has(attribute))).toEqual([]);
});

test('every kind of link that somebody made is tried to be brought back', () => {
  const found = new Set(trials.filter((trial) => trial.found !== undefined).map(({ kind }) => kind.name));
  expect(knownKinds().filter(({ name }) => !found.has(name))).toEqual([]);
});
