import { join } from 'node:path';
import * as z from 'zod';
import { OrchError } from '../../../proto/errors.ts';
import { loadYaml } from '../../source/load-yaml.ts';
import { collectionFolders } from './collections.ts';

const members = z.array(
  z.union([z.string(), z.object({ metadata: z.object({ extend_group: z.array(z.string()).optional() }) })]),
);
const routing = z.object({ redirect: z.string().optional() });

/** What is not as it should be hides nothing else. */
const schema = z.object({
  action_groups: z.record(z.string(), members.optional().catch(undefined)).optional().catch(undefined),
  plugin_routing: z
    .object({ modules: z.record(z.string(), routing.optional().catch(undefined)).optional().catch(undefined) })
    .optional()
    .catch(undefined),
});

/** What a collection says of itself: groups of its modules, and where modules of it have gone. */
export type CollectionRuntime = z.infer<typeof schema>;

/** Where collections are looked for, and how their files are read. */
interface Reading {
  readonly readFile: (path: string) => string;
  readonly collections?: readonly string[] | undefined;
}

/** The meta/runtime.yml of a collection (`ns.name`); undefined: it has none that can be read. */
export function readRuntime(
  collection: string,
  playbookDir: string,
  { readFile, collections }: Reading,
): CollectionRuntime | undefined {
  for (const folder of collectionFolders(collection, playbookDir, collections)) {
    const file = join(folder, 'meta/runtime.yml');
    try {
      return schema.safeParse(loadYaml(readFile(file), file).documents[0]?.value).data;
    } catch (error) {
      if (!(error instanceof OrchError)) throw error;
    }
  }
  return undefined;
}
