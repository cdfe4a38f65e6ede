import type { PluginTable } from '../plugin.ts';
import { addressFilters } from './address.ts';
import { dictFilters } from './dict.ts';
import { encodingFilters } from './encoding.ts';
import { groupFilters } from './group.ts';
import { listFilters } from './list.ts';
import { numberFilters } from './number.ts';
import { pathFilters } from './path.ts';
import { regexFilters } from './regex.ts';
import { selectFilters } from './select.ts';
import { setFilters } from './set.ts';
import { textFilters } from './text.ts';
import { valueFilters } from './value.ts';
import { yamlFilters } from './yaml.ts';

/** All filters by name. */
export const filterTable: PluginTable<unknown> = new Map(
  [
    ...[addressFilters, dictFilters, encodingFilters, groupFilters, listFilters, numberFilters, pathFilters],
    ...[regexFilters, selectFilters, setFilters, textFilters, valueFilters, yamlFilters],
  ].flatMap((group) => Object.entries(group)),
);
