import type { Vars } from '../playbook/types.ts';
import { otherNamesLayer } from './connection-names.ts';
import { type Facts, factsLayer } from './facts.ts';
import { type DataSource, dataLayer, type Layer, sourceLayer, varsLayer } from './layer.ts';

/** Where the variables of one host's task come from; what is left out is empty. */
export interface Sources {
  /** What is so where nobody says otherwise. */
  readonly defaults?: Vars;
  /** Merged by the inventory: group variables (all, parents, children), then the host's own. */
  readonly inventory?: Vars;
  /** Facts by their names without `ansible_`. */
  readonly facts?: Facts;
  /** Of roles: the play's in their order, then those around the task, outermost first. */
  readonly roleDefaults?: readonly Vars[];
  readonly play?: Vars;
  /** In the order of `vars_files`. */
  readonly varsFiles?: readonly Vars[];
  readonly roleVars?: readonly Vars[];
  /** Parameters of the roles around the task, outermost first. */
  readonly roleParams?: readonly Vars[];
  /** Of the enclosing blocks, outermost first, then of the task. */
  readonly tasks?: readonly Vars[];
  readonly includeVars?: Vars;
  /** Registered results and set_fact. */
  readonly variables?: DataSource;
  /** `vars` of include_tasks around the task, outermost first. */
  readonly includeParams?: readonly Vars[];
  readonly extra?: Vars;
  /** inventory_hostname, groups, hostvars... (`magicLayer`). */
  readonly magic?: Layer;
  /** Loop variables. */
  readonly locals?: Readonly<Record<string, unknown>>;
}

/**
 * Layers from weakest to strongest, in the order that Ansible documents ("Understanding variable precedence"); as
 * there, magic and loop variables cannot be overridden.
 */
export function layersOf(sources: Sources): Layer[] {
  const layers: Layer[] = [];
  const add = (vars: Vars | undefined) => {
    if (vars?.size) layers.push(varsLayer(vars));
  };
  sources.roleDefaults?.forEach(add);
  add(sources.inventory);
  if (sources.facts) layers.push(factsLayer(sources.facts));
  add(sources.play);
  sources.varsFiles?.forEach(add);
  sources.roleVars?.forEach(add);
  sources.tasks?.forEach(add);
  add(sources.includeVars);
  if (sources.variables) layers.push(sourceLayer(sources.variables));
  sources.roleParams?.forEach(add);
  sources.includeParams?.forEach(add);
  add(sources.extra);
  if (sources.magic) layers.push(sources.magic);
  if (sources.locals) layers.push(dataLayer(sources.locals));
  return sources.defaults ? [varsLayer(sources.defaults), otherNamesLayer(layers), ...layers] : layers;
}
