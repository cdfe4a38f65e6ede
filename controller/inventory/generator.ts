import { OrchError } from '../../proto/errors.ts';
import { describe } from '../playbook/values/describe.ts';
import type { Located } from '../source/located.ts';
import { child, items } from '../source/origins.ts';
import { dataLayer } from '../vars/layer.ts';
import { renderLocated } from '../vars/render.ts';
import { createScope } from '../vars/scope.ts';
import type { VarScope } from '../vars/types.ts';
import type { Draft, DraftGroup } from './draft.ts';
import { partsAt } from './parts.ts';

/** More are a mistake: layers multiply. */
const mostHosts = 100_000;

/** Each choice of one value of each layer, the last layer's changing first. */
function choices(layers: readonly (readonly [string, readonly unknown[]])[]): Readonly<Record<string, unknown>>[] {
  return layers.reduce<Readonly<Record<string, unknown>>[]>(
    (before, [name, values]) => before.flatMap((chosen) => values.map((value) => ({ ...chosen, [name]: value }))),
    [{}],
  );
}

function layersOf(root: Located, draft: Draft): [string, readonly unknown[]][] {
  return partsAt(root, 'layers', draft).flatMap(([name, layer]): [string, readonly unknown[]][] => {
    if (Array.isArray(layer.value)) return [[name, layer.value]];
    draft.error(layer, `the layer "${name}" must be a list of values, not ${describe(layer.value)}`);
    return [];
  });
}

/** Hosts and groups named by all combinations of some values, as Ansible's plugin `generator` makes them. */
export function generateInventory(root: Located, draft: Draft): void {
  const layers = layersOf(root, draft);
  const hosts = child(root, 'hosts');
  const name = hosts && child(hosts, 'name');
  if (!hosts || !name) {
    draft.error(hosts ?? root, 'the plugin generator needs "hosts" with a "name", a template');
    return;
  }
  const count = layers.reduce((product, [, values]) => product * values.length, 1);
  if (count > mostHosts) {
    draft.error(hosts, `the layers make ${count} hosts, and ${mostHosts} are the most`);
    return;
  }
  for (const chosen of choices(layers)) {
    const scope = createScope([dataLayer(chosen)]);
    const host = textAt(name, scope, draft);
    if (host === undefined) return;
    draft.addHost(host, draft.group('ungrouped'), name);
    if (!joinParents(hosts, (group) => group.hosts.add(host), scope, draft)) return;
  }
}

/** Has what stands at `at` join its `parents`, and those theirs; false after an error. */
function joinParents(at: Located, join: (group: DraftGroup) => void, scope: VarScope, draft: Draft): boolean {
  const field = child(at, 'parents');
  if (!field || field.value === null) return true;
  if (!Array.isArray(field.value)) {
    draft.error(field, `"parents" must be a list, not ${describe(field.value)}`);
    return false;
  }
  for (const parent of items({ ...field, value: field.value })) {
    const name = child(parent, 'name');
    if (!name) {
      draft.error(parent, 'each of "parents" must have a "name", a template');
      return false;
    }
    const text = textAt(name, scope, draft);
    const group = text === undefined ? undefined : draft.namedGroup(text, name);
    if (!group) return false;
    for (const [variable, value] of partsAt(parent, 'vars', draft)) {
      const rendered = attempt(value, scope, draft);
      if (rendered === undefined) return false;
      draft.setVar(group, variable, { ...value, value: rendered.value });
    }
    join(group);
    if (!joinParents(parent, (above) => draft.addChild(above, group, parent), scope, draft)) return false;
  }
  return true;
}

function textAt(at: Located, scope: VarScope, draft: Draft): string | undefined {
  const rendered = attempt(at, scope, draft);
  return rendered && String(rendered.value);
}

/** A template's value; undefined after an error: all combinations would have the same. */
function attempt(at: Located, scope: VarScope, draft: Draft): { readonly value: unknown } | undefined {
  try {
    return { value: renderLocated(at, scope) };
  } catch (error) {
    if (!(error instanceof OrchError)) throw error;
    draft.error(at, error.summary, error.hint);
    return undefined;
  }
}
