import type { Plugin, PluginTable } from '../plugin.ts';
import { addressFilters } from './address.ts';
import { communityFilters } from './community.ts';
import { dictFilters } from './dict.ts';
import { encodingFilters } from './encoding.ts';
import { fileFilters } from './file.ts';
import { generalFilters } from './general.ts';
import { groupFilters } from './group.ts';
import { htmlFilters } from './html.ts';
import { listFilters } from './list.ts';
import { numberFilters } from './number.ts';
import { pathFilters } from './path.ts';
import { randomFilters } from './random.ts';
import { regexFilters } from './regex.ts';
import { selectFilters } from './select.ts';
import { setFilters } from './set.ts';
import { sizeFilters } from './size.ts';
import { textFilters } from './text.ts';
import { timeFilters } from './time.ts';
import { urlFilters } from './url.ts';
import { usableFilters } from './usable.ts';
import { valueFilters } from './value.ts';
import { vaultFilters } from './vault.ts';
import { vlanFilters } from './vlan.ts';
import { yamlFilters } from './yaml.ts';

const groups: readonly Readonly<Record<string, Plugin<unknown>>>[] = [
  ...[
    addressFilters,
    communityFilters,
    dictFilters,
    encodingFilters,
    fileFilters,
    generalFilters,
    groupFilters,
    htmlFilters,
  ],
  ...[listFilters, numberFilters, pathFilters, randomFilters, regexFilters, selectFilters, setFilters, sizeFilters],
  ...[textFilters, timeFilters, urlFilters, usableFilters, valueFilters, vaultFilters, vlanFilters, yamlFilters],
];

/** All filters by name. */
export const filterTable: PluginTable<unknown> = new Map(groups.flatMap((group) => Object.entries(group)));
