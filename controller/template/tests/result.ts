import { Fault } from '../fault.ts';
import { plugin } from '../plugin.ts';
import { truth } from '../python/compare.ts';
import { mapGet } from '../python/mapping.ts';
import { isMapping, type Mapping, typeName } from '../python/values.ts';

/** True when the registered result says so under `key`; a result without it says no, if not `otherwise`. */
function says(value: unknown, key: string, otherwise = false): boolean {
  if (!isMapping(value)) {
    throw new Fault(`a task's registered result is needed, not a value of type ${typeName(value)}`);
  }
  return truth(mapGet(value, key) ?? otherwise);
}

/** What does not say it has changed when one of its `results` has. */
function changed(value: unknown): boolean {
  if (!isMapping(value) || mapGet(value, 'changed') !== undefined) return says(value, 'changed');
  const results = mapGet(value, 'results');
  return Array.isArray(results) && results.some((item) => isMapping(item) && says(item, 'changed'));
}

const hasChanged = plugin('', changed);
const failed = plugin('', (value) => says(value, 'failed'));
const succeeded = plugin('', (value) => !says(value, 'failed'));
const skipped = plugin('', (value) => says(value, 'skipped'));

export const resultTests = {
  changed: hasChanged,
  change: hasChanged,
  failed,
  failure: failed,
  succeeded,
  success: succeeded,
  successful: succeeded,
  skipped,
  skip: skipped,
  unreachable: plugin('', (value) => says(value, 'unreachable')),
  reachable: plugin('', (value) => !says(value, 'unreachable')),
  // A task that was no job is over.
  started: plugin('', (value) => says(value, 'started', true)),
  finished: plugin('', (value) => says(value, 'finished', true)),
  timedout: plugin('', (value) => says(value, 'timedout') && says(mapGet(value as Mapping, 'timedout'), 'period')),
};
